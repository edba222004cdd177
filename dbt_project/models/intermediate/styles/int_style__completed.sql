with

combined as (
    select * from {{ ref('int_style__combined') }}
),

orthogonalised as (
    select * from {{ ref('int_style__orthogonalised') }}
),

gathered as (
    select
        combined.symbol,
        combined.week_date,
        combined.in_universe,
        combined.cap_cny,
        {{ gathered_styles('combined', 'orthogonalised') }}
    from combined
    inner join orthogonalised
        on
            combined.symbol = orthogonalised.symbol
            and combined.week_date = orthogonalised.week_date
),

scaled as (
    select
        week_date,
        {{ style_scale(computed_styles()) }}
    from gathered
    where in_universe
    group by week_date
),

final as (
    select
        gathered.symbol,
        gathered.week_date,
        gathered.in_universe,
        gathered.cap_cny,
        {{ for_each(computed_styles(), standardised_style('gathered', 'scaled') ~ ' as {}') }}
    from gathered
    left join scaled on gathered.week_date = scaled.week_date
)

select * from final
