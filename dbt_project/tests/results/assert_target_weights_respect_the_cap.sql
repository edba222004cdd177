{{ config(meta={'dagster': {'ref': {'name': 'fct_target_weight'}}}) }}
-- A target is at most 1 / num_stock, or what is held already where a holding is frozen; only the
-- last step of the relaxation ladder (4) raises the cap.
with

target_weights as (
    select * from {{ ref('fct_target_weight') }}
),

scenarios as (
    select * from {{ ref('dim_scenario') }}
),

solutions as (
    select * from {{ ref('fct_solution') }}
),

faults as (
    select
        target_weights.scenario_id,
        target_weights.rebalance_date,
        target_weights.symbol,
        target_weights.target_weight,
        target_weights.weight_before,
        scenarios.num_stock
    from target_weights
    inner join scenarios on target_weights.scenario_id = scenarios.scenario_id
    inner join solutions
        on
            target_weights.scenario_id = solutions.scenario_id
            and target_weights.rebalance_date = solutions.rebalance_date
    where
        solutions.relaxation_step < 4
        and target_weights.target_weight
        > greatest(1.0 / scenarios.num_stock, target_weights.weight_before) + 1e-8
)

select * from faults
