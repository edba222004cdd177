-- How much money, and how much delay, does the alpha bear?
select
    capacity.rule_set,
    capacity.model,
    capacity.benchmark,
    capacity.barra_limit,
    capacity.num_stock,
    capacity.capital_cny / 1e6 as capital_mn_cny,
    capacity.trading_delay_sessions,
    100 * capacity.annualised_alpha_return as alpha_pct,
    100 * capacity.alpha_lost as lost_pct,
    100 * capacity.annualised_cost as cost_pct,
    100 * capacity.unfilled_share as unfilled_pct,
    100 * capacity.volume_capped_share as volume_capped_pct,
    100 * capacity.mean_cash_weight as cash_pct
from results.mart_capacity as capacity
inner join ops.fct_run as runs on capacity.run_id = runs.run_id
where runs.is_latest
order by
    capacity.rule_set,
    capacity.model,
    capacity.barra_limit nulls last,
    capacity.num_stock,
    capacity.trading_delay_sessions,
    capacity.capital_cny
