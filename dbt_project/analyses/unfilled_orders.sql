-- Why were orders not filled? Reasons by back-test, with the weight they kept from being traded.
select
    scenarios.rule_set,
    scenarios.model,
    scenarios.benchmark,
    scenarios.barra_limit,
    scenarios.num_stock,
    reasons.reason,
    count(*) as refusal_count,
    count(distinct reasons.symbol) as stock_count,
    100 * sum(abs(reasons.shortfall_weight)) as shortfall_pct_of_nav,
    100 * max(abs(reasons.shortfall_weight)) as largest_shortfall_pct_of_nav
from results.fct_fill_reason as reasons
inner join results.dim_scenario as scenarios on reasons.scenario_id = scenarios.scenario_id
where
    scenarios.run_id in (
        select runs.run_id
        from ops.fct_run as runs
        where runs.is_latest
    )
group by
    scenarios.rule_set,
    scenarios.model,
    scenarios.benchmark,
    scenarios.barra_limit,
    scenarios.num_stock,
    reasons.reason
order by shortfall_pct_of_nav desc
