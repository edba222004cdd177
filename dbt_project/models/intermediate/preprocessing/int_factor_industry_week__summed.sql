with

selected as (
    select * from {{ ref('int_factor__selected') }}
),

bounded as (
    select * from {{ ref('int_factor_week__bounded') }}
),

final as (
    select
        selected.rule_set,
        selected.week_date,
        selected.industry_code,
        count(*) as stock_count,
        {{ for_each(
            computed_factors(),
            'count(selected.{}) as {}_present,\n        '
            ~ 'sum(' ~ clipped_value() ~ ') as {}_sum,\n        '
            ~ 'count(case when ' ~ is_clipped() ~ ' then 1 end) as {}_clipped') }}
    from selected
    inner join bounded
        on
            selected.rule_set = bounded.rule_set
            and selected.week_date = bounded.week_date
    group by selected.rule_set, selected.week_date, selected.industry_code
)

select * from final
