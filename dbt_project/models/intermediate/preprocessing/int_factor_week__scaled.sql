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

regressed as (
    select * from {{ ref('int_factor_week__regressed') }}
),

-- From the residuals themselves: their sum of squares taken from the sums of the regression would
-- cancel exactly where it decides whether anything is left.
residuals as (
    select
        selected.rule_set,
        selected.week_date,
        {{ for_each(computed_factors(), 'regressed.{}_filled_deviation') }},
        {{ for_each(computed_factors(), neutral_value() ~ ' as {}') }}
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
    inner join regressed
        on
            selected.rule_set = regressed.rule_set
            and selected.week_date = regressed.week_date
),

final as (
    select
        rule_set,
        week_date,
        {{ for_each(
            computed_factors(),
            'avg({}) as {}_mean,\n        ' ~ residual_deviation() ~ ' as {}_deviation') }}
    from residuals
    group by rule_set, week_date
)

select * from final
