-- A factor that is missing for the whole universe, or does not vary, is 0 for everybody.
with

coverage as (
    select * from {{ ref('fct_factor_coverage') }}
    where is_constant or share_present = 0
),

exposures as (
    select * from {{ ref('fct_factor_exposure') }}
),

largest as (
    {{ for_each(
        panel_factors(),
        "select rule_set, week_date, '{}' as factor, max(abs({})) as largest_exposure"
        ~ " from exposures group by rule_set, week_date",
        '\n    union all\n    ') }}
)

select
    coverage.*,
    largest.largest_exposure
from coverage
inner join largest
    on
        coverage.rule_set = largest.rule_set
        and coverage.week_date = largest.week_date
        and coverage.factor = largest.factor
where largest.largest_exposure > 0
