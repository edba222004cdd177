-- Did the portfolios keep their size band? Exposure of the target and of the index to the size
-- style at every decision; put another column of risk.fct_style_exposure in its place for another.
with

targets as (
    select
        targets.scenario_id,
        targets.rebalance_date,
        sum(targets.target_weight * styles.size) as portfolio_size
    from results.fct_target_weight as targets
    inner join risk.fct_style_exposure as styles
        on
            targets.symbol = styles.symbol
            and targets.signal_week_date = styles.week_date
    group by targets.scenario_id, targets.rebalance_date
),

decisions as (
    select distinct
        scenario_id,
        rebalance_date,
        signal_week_date
    from results.fct_target_weight
),

indices as (
    select
        weights.index_symbol,
        weights.week_date,
        sum(weights.weight * styles.size) as index_size
    from core.fct_index_weight_week as weights
    inner join risk.fct_style_exposure as styles
        on
            weights.symbol = styles.symbol
            and weights.week_date = styles.week_date
    group by weights.index_symbol, weights.week_date
)

select
    scenarios.rule_set,
    scenarios.model,
    scenarios.benchmark,
    scenarios.barra_limit,
    count(*) as decision_count,
    avg(targets.portfolio_size) as mean_portfolio_size,
    avg(indices.index_size) as mean_index_size,
    max(abs(targets.portfolio_size - indices.index_size)) as largest_active_size
from targets
inner join decisions
    on
        targets.scenario_id = decisions.scenario_id
        and targets.rebalance_date = decisions.rebalance_date
inner join results.dim_scenario as scenarios on targets.scenario_id = scenarios.scenario_id
inner join indices
    on
        scenarios.benchmark = indices.index_symbol
        and decisions.signal_week_date = indices.week_date
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
    scenarios.barra_limit
order by scenarios.rule_set, scenarios.model, scenarios.benchmark, scenarios.barra_limit
