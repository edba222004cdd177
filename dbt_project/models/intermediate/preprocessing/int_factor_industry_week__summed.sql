with

selected as (
    select * from {{ ref('int_factor__selected') }}
),

bounded as (
    select * from {{ ref('int_factor_week__bounded') }}
),

clipped as (
    select
        selected.rule_set,
        selected.week_date,
        selected.industry_code,
        selected.log_cap_centred,
        {{ for_each(
            panel_factors(),
            clipped_distance() ~ ' as {},\n        ' ~ is_clipped() ~ ' as {}_is_clipped') }}
    from selected
    inner join bounded
        on
            selected.rule_set = bounded.rule_set
            and selected.week_date = bounded.week_date
),

-- All that the later steps need to know of the stocks of an industry.
final as (
    select
        rule_set,
        week_date,
        industry_code,
        count(*) as stock_count,
        sum(log_cap_centred * log_cap_centred) as log_cap_square_sum,
        {{ for_each(
            panel_factors(),
            'count({}) as {}_present,\n        '
            ~ 'count(case when {}_is_clipped then 1 end) as {}_clipped,\n        '
            ~ 'sum({}) as {}_sum,\n        '
            ~ 'sum({} * {}) as {}_square_sum,\n        '
            ~ 'sum({} * log_cap_centred) as {}_product_sum,\n        '
            ~ 'sum(case when {} is null then log_cap_centred end) as {}_missing_cap_sum') }}
    from clipped
    group by rule_set, week_date, industry_code
)

select * from final
