with

targets as (
    select * from {{ ref('fct_target_weight') }}
),

scenarios as (
    select * from {{ ref('dim_scenario') }}
),

weeks as (
    select * from {{ ref('dim_week') }}
),

rebalances as (
    select
        targets.scenario_id,
        targets.rebalance_date,
        max(targets.known_at) as known_at,
        max(weeks.week_date) as week_date
    from targets
    inner join weeks on targets.known_at >= weeks.week_date
    group by targets.scenario_id, targets.rebalance_date
),

final as (
    select
        targets.scenario_id,
        targets.rebalance_date,
        targets.symbol,
        rebalances.week_date,
        scenarios.benchmark,
        targets.target_weight as weight,
        rebalances.known_at
    from targets
    inner join rebalances
        on
            targets.scenario_id = rebalances.scenario_id
            and targets.rebalance_date = rebalances.rebalance_date
    inner join scenarios on targets.scenario_id = scenarios.scenario_id
)

select * from final
