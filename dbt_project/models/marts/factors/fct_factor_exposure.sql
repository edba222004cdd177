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

scaled as (
    select * from {{ ref('int_factor_week__scaled') }}
),

final as (
    select
        selected.rule_set,
        selected.symbol,
        selected.week_date,
        {{ for_each(panel_factors(), 'cast(' ~ standard_value() ~ ' as float) as {}') }},
        selected.uses_future,
        selected.known_at
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
    inner join scaled
        on
            selected.rule_set = scaled.rule_set
            and selected.week_date = scaled.week_date
)

select * from final
