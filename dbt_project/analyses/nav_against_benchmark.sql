-- How did each back-test do against its benchmark, month by month?
with

month_ends as (
    select
        scenario_id,
        date_trunc('month', trade_date) as month,
        max(trade_date) as last_session,
        min(drawdown) as deepest_drawdown,
        min(excess_drawdown) as deepest_excess_drawdown,
        sum(turnover) as turnover
    from results.fct_nav_daily
    group by scenario_id, date_trunc('month', trade_date)
)

select
    scenarios.rule_set,
    scenarios.model,
    scenarios.benchmark,
    scenarios.barra_limit,
    scenarios.num_stock,
    month_ends.month,
    nav_days.nav,
    nav_days.benchmark_nav,
    nav_days.nav / nav_days.benchmark_nav - 1 as excess_so_far,
    month_ends.deepest_drawdown,
    month_ends.deepest_excess_drawdown,
    month_ends.turnover,
    nav_days.holding_count
from month_ends
inner join results.fct_nav_daily as nav_days
    on
        month_ends.scenario_id = nav_days.scenario_id
        and month_ends.last_session = nav_days.trade_date
inner join results.dim_scenario as scenarios on month_ends.scenario_id = scenarios.scenario_id
where
    scenarios.run_id in (
        select runs.run_id
        from ops.fct_run as runs
        where runs.is_latest
    )
order by month_ends.scenario_id, month_ends.month
