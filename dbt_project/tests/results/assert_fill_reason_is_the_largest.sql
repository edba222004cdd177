{{ config(meta={'dagster': {'ref': {'name': 'fct_fill'}}}) }}
-- The reason shown beside a fill is the one with the largest share of its shortfall.
with

fills as (
    select * from {{ ref('fct_fill') }}
),

largest as (
    select
        scenario_id,
        rebalance_date,
        trade_date,
        symbol,
        max(abs(shortfall_weight)) as largest_weight
    from {{ ref('fct_fill_reason') }}
    group by scenario_id, rebalance_date, trade_date, symbol
),

fill_reasons as (
    select * from {{ ref('fct_fill_reason') }}
),

faults as (
    select
        fills.scenario_id,
        fills.rebalance_date,
        fills.trade_date,
        fills.symbol,
        fills.reason,
        fill_reasons.shortfall_weight,
        largest.largest_weight
    from fills
    inner join largest
        on
            fills.scenario_id = largest.scenario_id
            and fills.rebalance_date = largest.rebalance_date
            and fills.trade_date = largest.trade_date
            and fills.symbol = largest.symbol
    left join fill_reasons
        on
            fills.scenario_id = fill_reasons.scenario_id
            and fills.rebalance_date = fill_reasons.rebalance_date
            and fills.trade_date = fill_reasons.trade_date
            and fills.symbol = fill_reasons.symbol
            and fills.reason = fill_reasons.reason
    where
        fill_reasons.reason is null
        or abs(fill_reasons.shortfall_weight) < largest.largest_weight - 1e-10
)

select * from faults
