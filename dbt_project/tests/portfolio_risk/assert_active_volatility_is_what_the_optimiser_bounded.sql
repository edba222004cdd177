{{ config(severity='warn') }}

-- Of a bounded tracking error the slack is the bound less the active volatility: two computations
-- of the same figure, in SQL from exposures and covariances, and in the optimiser.
with

shadow_prices as (
    select * from {{ ref('fct_shadow_price') }}
    where constraint_name = 'tracking_error'
),

scenarios as (
    select * from {{ ref('dim_scenario') }}
),

portfolio_risk as (
    select * from {{ ref('fct_portfolio_risk') }}
    where risk_source = 'specific'
)

select
    shadow_prices.scenario_id,
    shadow_prices.rebalance_date,
    scenarios.tracking_error_limit - shadow_prices.slack as bounded,
    portfolio_risk.active_volatility
from shadow_prices
inner join scenarios on shadow_prices.scenario_id = scenarios.scenario_id
left join portfolio_risk
    on
        shadow_prices.scenario_id = portfolio_risk.scenario_id
        and shadow_prices.rebalance_date = portfolio_risk.rebalance_date
where
    portfolio_risk.active_volatility is null
    or abs(
        scenarios.tracking_error_limit - shadow_prices.slack - portfolio_risk.active_volatility
    ) > 1e-6
