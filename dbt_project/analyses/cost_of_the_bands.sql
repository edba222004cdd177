-- What did the size band, or any other limit, cost? In basis points per rebalance, and where forecasts
-- are no returns as a share of the objective: a dual is the gain per unit by which the limit widens.
select
    scenarios.rule_set,
    scenarios.model,
    scenarios.benchmark,
    scenarios.barra_limit,
    scenarios.num_stock,
    prices.constraint_group,
    prices.constraint_name,
    count(*) as decision_count,
    avg(case when prices.is_active then 1 else 0 end) as share_active,
    avg(prices.dual) as mean_dual,
    avg(prices.cost_per_rebalance_bps) as mean_cost_per_rebalance_bps,
    avg(
        0.5
        * prices.dual
        * case prices.constraint_group
            when 'style' then scenarios.barra_limit
            when 'industry' then scenarios.industry_limit
            when 'turnover' then scenarios.turnover_limit
        end
        / nullif(abs(solutions.objective), 0)
    ) as mean_gain_if_half_as_wide_again,
    max(prices.violation) as largest_violation
from results.fct_shadow_price as prices
inner join results.fct_solution as solutions
    on
        prices.scenario_id = solutions.scenario_id
        and prices.rebalance_date = solutions.rebalance_date
inner join results.dim_scenario as scenarios on prices.scenario_id = scenarios.scenario_id
where
    scenarios.run_id in (
        select runs.run_id
        from ops.fct_run as runs
        where runs.is_latest
    )
    and prices.constraint_group in ('style', 'industry', 'turnover')
group by
    scenarios.rule_set,
    scenarios.model,
    scenarios.benchmark,
    scenarios.barra_limit,
    scenarios.num_stock,
    prices.constraint_group,
    prices.constraint_name
order by mean_gain_if_half_as_wide_again desc nulls last
