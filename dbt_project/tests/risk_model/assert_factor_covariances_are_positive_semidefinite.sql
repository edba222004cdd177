-- No portfolio has a negative variance: eigenvalues as handed over, and here symmetry, variances
-- above 0 and correlations of at most 1.
with

covariances as (
    select * from {{ ref('fct_factor_covariance') }}
),

fits as (
    select * from {{ ref('fct_factor_covariance_fit') }}
),

variances as (
    select
        week_date,
        factor_1 as factor,
        covariance as variance
    from covariances
    where factor_1 = factor_2
),

pairs as (
    select
        covariances.week_date,
        covariances.factor_1,
        covariances.factor_2,
        covariances.covariance,
        mirrored.covariance as mirrored_covariance,
        first_variances.variance * second_variances.variance as product
    from covariances
    left join covariances as mirrored
        on
            covariances.week_date = mirrored.week_date
            and covariances.factor_1 = mirrored.factor_2
            and covariances.factor_2 = mirrored.factor_1
    left join variances as first_variances
        on
            covariances.week_date = first_variances.week_date
            and covariances.factor_1 = first_variances.factor
    left join variances as second_variances
        on
            covariances.week_date = second_variances.week_date
            and covariances.factor_2 = second_variances.factor
)

select
    week_date,
    factor_1,
    factor_2
from pairs
where
    mirrored_covariance is null
    or abs(covariance - mirrored_covariance) > 1e-15
    or product is null
    or (factor_1 = factor_2 and covariance <= 0)
    or abs(covariance) > sqrt(product) * (1 + 1e-12)
union all
select
    week_date,
    'smallest eigenvalue' as factor_1,
    cast(smallest_eigenvalue as varchar) as factor_2
from fits
where smallest_eigenvalue < -1e-10 * largest_eigenvalue or largest_eigenvalue <= 0
