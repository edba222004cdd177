with

selected as (
    select * from {{ ref('int_factor__selected') }}
),

weeks as (
    select * from {{ ref('int_factor_week__counted') }}
),

-- Factors the source can feed: present at least once.
fed as (
    select
        rule_set,
        {{ for_each(
            computed_factors(), 'case when max({}_present) > 0 then 1 else 0 end', ' + ') }}
            as factor_count
    from weeks
    group by rule_set
),

counted as (
    select
        rule_set,
        week_date,
        {{ for_each(computed_factors(), 'case when {} is not null then 1 else 0 end', ' + ') }}
            as present_count
    from selected
),

medians as (
    select
        rule_set,
        week_date,
        {{ median_value('present_count') }} as median_present_count
    from counted
    group by rule_set, week_date
),

-- The burn-in ends with the first week whose median stock has four fifths of the factors.
final as (
    select
        medians.rule_set,
        min(medians.week_date) as first_week_date
    from medians
    inner join fed on medians.rule_set = fed.rule_set
    where medians.median_present_count >= 0.8 * fed.factor_count
    group by medians.rule_set
)

select * from final
