{{ config(meta={'dagster': {'ref': {'name': 'fct_fill'}}}) }}
-- Nothing trades that no decision asked for.
with

fills as (
    select * from {{ ref('fct_fill') }}
),

target_weights as (
    select * from {{ ref('fct_target_weight') }}
),

strays as (
    select
        fills.scenario_id,
        fills.rebalance_date,
        fills.trade_date,
        fills.symbol
    from fills
    left join target_weights
        on
            fills.scenario_id = target_weights.scenario_id
            and fills.rebalance_date = target_weights.rebalance_date
            and fills.symbol = target_weights.symbol
    where
        target_weights.symbol is null
        or fills.trade_date < fills.rebalance_date
)

select * from strays
