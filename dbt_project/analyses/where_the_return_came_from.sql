-- Where did the return of each portfolio come from? Parts of the whole span, which sum to it.
select
    scenarios.rule_set,
    scenarios.model,
    scenarios.barra_limit,
    scenarios.num_stock,
    parts.component,
    parts.contribution
from results.mart_pnl_attribution as parts
inner join results.dim_scenario as scenarios on parts.scenario_id = scenarios.scenario_id
where parts.attribution_period = 'total'
order by
    scenarios.rule_set asc,
    scenarios.model asc,
    scenarios.barra_limit asc,
    scenarios.num_stock asc,
    abs(parts.contribution) desc
