{{ config(meta={'dagster': {'ref': {'name': 'fct_target_weight'}}}) }}
-- Where no risk is priced, the optimum is the sum of weights and expected returns.
with

earned as (
    select
        scenario_id,
        rebalance_date,
        sum(target_weight * coalesce(expected_return, 0)) as earned_return
    from {{ ref('fct_target_weight') }}
    group by scenario_id, rebalance_date
)

select
    solutions.scenario_id,
    solutions.rebalance_date,
    solutions.objective,
    earned.earned_return
from {{ ref('fct_solution') }} as solutions
inner join {{ ref('dim_scenario') }} as scenarios on solutions.scenario_id = scenarios.scenario_id
inner join earned
    on
        solutions.scenario_id = earned.scenario_id
        and solutions.rebalance_date = earned.rebalance_date
where
    scenarios.risk_aversion is null
    and abs(solutions.objective - earned.earned_return) > 1e-9 * (1 + abs(solutions.objective))
