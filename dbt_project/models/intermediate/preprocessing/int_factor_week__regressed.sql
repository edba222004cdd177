with

selected as (
    select * from {{ ref('int_factor__selected') }}
),

bounded as (
    select * from {{ ref('int_factor_week__bounded') }}
),

filled as (
    select * from {{ ref('int_factor_industry_week__filled') }}
),

summed as (
    select
        selected.rule_set,
        selected.week_date,
        count(*) as stock_count,
        sum(selected.log_cap_centred * selected.log_cap_centred) as log_cap_square_sum,
        {{ for_each(
            computed_factors(),
            'sum(selected.log_cap_centred * ' ~ demeaned_value() ~ ') as {}_product_sum,\n        '
            ~ 'stddev_samp(' ~ filled_value() ~ ') as {}_filled_deviation') }}
    from selected
    inner join bounded
        on
            selected.rule_set = bounded.rule_set
            and selected.week_date = bounded.week_date
    inner join filled
        on
            selected.rule_set = filled.rule_set
            and selected.week_date = filled.week_date
            and selected.industry_code = filled.industry_code
    group by selected.rule_set, selected.week_date
),

final as (
    select
        rule_set,
        week_date,
        {{ for_each(computed_factors(), '{}_filled_deviation,\n        {}_product_sum') }},
        {{ neutral_slopes(computed_factors()) }}
    from summed
)

select * from final
