-- What do the portfolios of the latest run risk against their benchmark, and from which factors? Mean
-- over all rebalances; shares of active variance, largest first. Needs a risk model (section
-- risk_model of the experiment).
select
    scenarios.rule_set,
    scenarios.model,
    scenarios.barra_limit,
    scenarios.risk_aversion,
    scenarios.tracking_error_limit,
    risks.risk_source,
    avg(risks.active_exposure) as mean_active_exposure,
    avg(risks.active_risk_share) as mean_active_risk_share,
    avg(risks.active_volatility) as mean_active_volatility
from results.fct_portfolio_risk as risks
inner join results.dim_scenario as scenarios on risks.scenario_id = scenarios.scenario_id
inner join ops.fct_run as runs on scenarios.run_id = runs.run_id
where runs.is_latest
group by all
order by
    scenarios.rule_set, scenarios.model, scenarios.barra_limit, scenarios.risk_aversion,
    scenarios.tracking_error_limit, mean_active_risk_share desc
