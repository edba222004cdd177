with

industries as (
    select * from {{ ref('int_factor_industry_week__summed') }}
),

final as (
    select
        rule_set,
        week_date,
        cast(sum(stock_count) as bigint) as stock_count,
        sum(log_cap_square_sum) as log_cap_square_sum,
        {{ for_each(
            panel_factors(),
            'cast(sum({}_present) as bigint) as {}_present,\n        '
            ~ 'cast(sum({}_clipped) as bigint) as {}_clipped,\n        '
            ~ safe_divide('sum({}_sum)', 'sum({}_present)') ~ ' as {}_mean_distance,\n        '
            ~ 'coalesce(sum({}_square_sum), 0) as {}_distance_square_sum') }}
    from industries
    group by rule_set, week_date
)

select * from final
