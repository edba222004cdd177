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

decided as (
    select
        scenario_id,
        rebalance_date,
        max(known_at) as known_at
    from targets
    group by scenario_id, rebalance_date
),

-- Each day of decision once: all targets with all weeks before them would be their product.
decision_weeks as (
    select
        days.known_at,
        max(weeks.week_date) as week_date
    from (select distinct decided.known_at from decided) as days
    inner join weeks on days.known_at >= weeks.week_date
    group by days.known_at
),

rebalances as (
    select
        decided.scenario_id,
        decided.rebalance_date,
        decided.known_at,
        decision_weeks.week_date
    from decided
    inner join decision_weeks on decided.known_at = decision_weeks.known_at
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
