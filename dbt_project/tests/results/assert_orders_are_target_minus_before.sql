{{ config(meta={'dagster': {'ref': {'name': 'fct_order'}}}) }}
-- An order is the difference between the target and what is held, and says so in sign and side.
with

orders as (
    select * from {{ ref('fct_order') }}
),

target_weights as (
    select * from {{ ref('fct_target_weight') }}
),

faults as (
    select
        orders.scenario_id,
        orders.rebalance_date,
        orders.symbol,
        orders.side,
        orders.order_weight,
        target_weights.target_weight,
        target_weights.weight_before
    from orders
    left join target_weights
        on
            orders.scenario_id = target_weights.scenario_id
            and orders.rebalance_date = target_weights.rebalance_date
            and orders.symbol = target_weights.symbol
    where
        target_weights.symbol is null
        or abs(
            orders.order_weight - target_weights.target_weight + target_weights.weight_before
        ) > 1e-10
        or (orders.order_weight > 0) <> (orders.side = 'buy')
)

select * from faults
