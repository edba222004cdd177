with

industries as (
    select * from {{ ref('int_factor_industry_week__summed') }}
),

final as (
    select
        rule_set,
        week_date,
        cast(sum(stock_count) as bigint) as stock_count,
        {{ for_each(
            computed_factors(),
            'cast(sum({}_present) as bigint) as {}_present,\n        '
            ~ 'cast(sum({}_clipped) as bigint) as {}_clipped,\n        '
            ~ safe_divide('sum({}_sum)', 'sum({}_present)') ~ ' as {}_mean') }}
    from industries
    group by rule_set, week_date
)

select * from final
