with

factors as (
    select * from {{ ref('int_factor__joined') }}
),

final as (
    select
        symbol,
        week_date,
        {{ for_each(panel_factors(), 'cast({} as float) as {}') }},
        week_date as known_at
    from factors
)

select * from final
