with

styles as (
    select * from {{ ref('int_style__completed') }}
),

final as (
    select
        symbol,
        week_date,
        {{ for_each(computed_styles(), 'cast(coalesce({}, 0) as float) as {}') }},
        week_date as known_at
    from styles
)

select * from final
