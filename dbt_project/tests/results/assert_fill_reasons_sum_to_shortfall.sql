{{ config(meta={'dagster': {'ref': {'name': 'fct_fill_reason'}}}) }}
-- Every difference between what was wanted and what was done has a reason, to the last digit.
with

fills as (
    select * from {{ ref('fct_fill') }}
),

explained as (
    select
        scenario_id,
        rebalance_date,
        trade_date,
        symbol,
        sum(shortfall_weight) as explained_weight
    from {{ ref('fct_fill_reason') }}
    group by scenario_id, rebalance_date, trade_date, symbol
),

faults as (
    select
        fills.scenario_id,
        fills.rebalance_date,
        fills.trade_date,
        fills.symbol,
        fills.shortfall_weight,
        explained.symbol as explained_symbol,
        explained.explained_weight
    from fills
    full join explained
        on
            fills.scenario_id = explained.scenario_id
            and fills.rebalance_date = explained.rebalance_date
            and fills.trade_date = explained.trade_date
            and fills.symbol = explained.symbol
    where
        fills.symbol is null
        or abs(fills.shortfall_weight - coalesce(explained.explained_weight, 0)) > 1e-10
)

select * from faults
