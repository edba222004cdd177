-- Covariances and specific risks are of the same weeks.
with

covariance_weeks as (
    select distinct week_date from {{ ref('fct_factor_covariance') }}
),

specific_weeks as (
    select distinct week_date from {{ ref('fct_specific_risk') }}
)

select
    covariance_weeks.week_date,
    specific_weeks.week_date as specific_week_date
from covariance_weeks
full outer join specific_weeks on covariance_weeks.week_date = specific_weeks.week_date
where covariance_weeks.week_date is null or specific_weeks.week_date is null
