with

exposures as (
    select * from {{ ref('int_portfolio_factor__exposed') }}
),

covariances as (
    select * from {{ ref('fct_factor_covariance') }}
),

specific_risk as (
    select * from {{ ref('int_portfolio_specific__summed') }}
),

-- What each factor adds to the variance: its exposure times its covariance with the portfolio.
factor_parts as (
    select
        first_exposures.scenario_id,
        first_exposures.rebalance_date,
        first_exposures.factor as risk_source,
        first_exposures.exposure,
        first_exposures.active_exposure,
        first_exposures.known_at,
        sum(
            first_exposures.exposure * covariances.covariance * second_exposures.exposure
        ) as variance,
        sum(
            first_exposures.active_exposure
            * covariances.covariance
            * second_exposures.active_exposure
        ) as active_variance
    from exposures as first_exposures
    inner join covariances
        on
            first_exposures.week_date = covariances.week_date
            and first_exposures.factor = covariances.factor_1
    inner join exposures as second_exposures
        on
            first_exposures.scenario_id = second_exposures.scenario_id
            and first_exposures.rebalance_date = second_exposures.rebalance_date
            and covariances.factor_2 = second_exposures.factor
    group by
        first_exposures.scenario_id, first_exposures.rebalance_date, first_exposures.factor,
        first_exposures.exposure, first_exposures.active_exposure, first_exposures.known_at
),

rebalances as (
    select distinct
        scenario_id,
        rebalance_date,
        known_at
    from factor_parts
),

parts as (
    select * from factor_parts
    union all
    select
        specific_risk.scenario_id,
        specific_risk.rebalance_date,
        'specific' as risk_source,
        cast(null as double) as exposure,
        cast(null as double) as active_exposure,
        rebalances.known_at,
        specific_risk.variance,
        specific_risk.active_variance
    from specific_risk
    inner join rebalances
        on
            specific_risk.scenario_id = rebalances.scenario_id
            and specific_risk.rebalance_date = rebalances.rebalance_date
),

totals as (
    select
        scenario_id,
        rebalance_date,
        sum(variance) as variance,
        sum(active_variance) as active_variance
    from parts
    group by scenario_id, rebalance_date
),

final as (
    select
        parts.scenario_id,
        parts.rebalance_date,
        parts.risk_source,
        parts.exposure,
        parts.active_exposure,
        {{ safe_divide('parts.variance', 'totals.variance') }} as risk_share,
        {{ safe_divide('parts.active_variance', 'totals.active_variance') }} as active_risk_share,
        sqrt(greatest(totals.variance, 0) * 244) as portfolio_volatility,
        sqrt(greatest(totals.active_variance, 0) * 244) as active_volatility,
        parts.known_at
    from parts
    inner join totals
        on
            parts.scenario_id = totals.scenario_id
            and parts.rebalance_date = totals.rebalance_date
)

select * from final
