-- Sources of risk add up to the whole, of the portfolio and in excess of its benchmark.
select
    scenario_id,
    rebalance_date
from {{ ref('fct_portfolio_risk') }}
group by scenario_id, rebalance_date
having
    abs(sum(risk_share) - 1) > 1e-9
    or abs(sum(active_risk_share) - 1) > 1e-9
