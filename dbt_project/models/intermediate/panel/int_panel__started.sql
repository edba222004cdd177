with

coverage as (
    select * from {{ ref('fct_factor_coverage') }}
),

weeks as (
    select * from {{ ref('int_panel_week__counted') }}
),

-- Factors the source can feed: present at least once.
fed as (
    select
        rule_set,
        count(distinct factor) as factor_count
    from coverage
    where share_present > 0
    group by rule_set
),

-- The burn-in ends with the first week whose median stock has four fifths of the factors.
final as (
    select
        weeks.rule_set,
        min(weeks.week_date) as first_week_date
    from weeks
    inner join fed on weeks.rule_set = fed.rule_set
    where weeks.median_present_count >= 0.8 * fed.factor_count
    group by weeks.rule_set
)

select * from final
