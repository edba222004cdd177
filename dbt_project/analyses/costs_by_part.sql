-- What do the portfolios pay, part by part? Percent of the net asset value a year.
with

days as (
    select
        nav.scenario_id,
        count(*) - 1 as session_count,
        sum(nav.stamp_duty / nav.nav) as stamp_duty,
        sum(nav.transfer_fee / nav.nav) as transfer_fee,
        sum(nav.commission / nav.nav) as commission,
        sum(nav.slippage / nav.nav) as slippage,
        sum(nav.impact / nav.nav) as impact,
        sum(nav.cost / nav.nav) as cost
    from results.fct_nav_daily as nav
    group by nav.scenario_id
)

select
    scenarios.rule_set,
    scenarios.model,
    scenarios.benchmark,
    scenarios.barra_limit,
    scenarios.num_stock,
    scenarios.capital_cny,
    scenarios.switches,
    100 * 244 * days.stamp_duty / days.session_count as stamp_duty_pct,
    100 * 244 * days.transfer_fee / days.session_count as transfer_fee_pct,
    100 * 244 * days.commission / days.session_count as commission_pct,
    100 * 244 * days.slippage / days.session_count as slippage_pct,
    100 * 244 * days.impact / days.session_count as impact_pct,
    100 * 244 * days.cost / days.session_count as cost_pct
from days
inner join results.mart_latest_backtest as scenarios on days.scenario_id = scenarios.scenario_id
where days.session_count > 0
order by cost_pct desc
