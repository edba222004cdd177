-- What does each portfolio want to hold after its last decision, and what speaks for it?
with

last_decision as (
    select
        scenario_id,
        max(rebalance_date) as rebalance_date
    from results.fct_target_weight
    group by scenario_id
),

ranked as (
    select
        targets.*,
        row_number() over (
            partition by targets.scenario_id
            order by targets.target_weight desc, targets.symbol asc
        ) as place
    from results.fct_target_weight as targets
    inner join last_decision
        on
            targets.scenario_id = last_decision.scenario_id
            and targets.rebalance_date = last_decision.rebalance_date
)

select
    scenarios.rule_set,
    scenarios.model,
    scenarios.benchmark,
    scenarios.barra_limit,
    ranked.rebalance_date,
    ranked.place,
    ranked.symbol,
    securities.name,
    universe.industry_code,
    ranked.target_weight,
    ranked.weight_before,
    ranked.prediction,
    ranked.expected_return,
    ranked.signal_age_sessions
from ranked
inner join results.dim_scenario as scenarios on ranked.scenario_id = scenarios.scenario_id
left join core.dim_security as securities on ranked.symbol = securities.symbol
left join core.fct_universe_week as universe
    on
        scenarios.rule_set = universe.rule_set
        and ranked.symbol = universe.symbol
        and ranked.signal_week_date = universe.week_date
where
    ranked.place <= 10
    and scenarios.run_id in (
        select runs.run_id
        from ops.fct_run as runs
        where runs.is_latest
    )
order by ranked.scenario_id, ranked.place
