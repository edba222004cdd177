{{ config(meta={'dagster': {'ref': {'name': 'fct_position'}}}) }}
-- What is held after a close and the cash beside it are the whole net asset value.
with

positions as (
    select * from {{ ref('fct_position') }}
),

days as (
    select * from {{ ref('fct_nav_daily') }}
),

held as (
    select
        scenario_id,
        trade_date,
        count(*) as holding_count,
        sum(weight) as held_weight
    from positions
    group by scenario_id, trade_date
),

faults as (
    select
        held.scenario_id,
        held.trade_date,
        held.held_weight,
        days.cash_weight
    from held
    left join days on held.scenario_id = days.scenario_id and held.trade_date = days.trade_date
    where
        coalesce(abs(held.held_weight + days.cash_weight - 1), 1) > 1e-9
        or held.holding_count <> days.holding_count
)

select * from faults
