{{ config(meta={'dagster': {'ref': {'name': 'fct_pnl_attribution_daily'}}}) }}
-- What yuan say beyond adjusted returns is an event of a held share: a dividend, a change of the
-- adjustment factor, a delisting. Without one the return that factors explain is the one in yuan.
with

attribution as (
    select * from {{ ref('fct_pnl_attribution_daily') }}
),

held as (
    select * from {{ ref('int_holding__by_session') }}
),

sessions as (
    select * from {{ ref('dim_trade_date') }}
),

bars as (
    select * from {{ ref('fct_bar_daily') }}
),

nav_daily as (
    select * from {{ ref('int_nav__with_returns') }}
),

securities as (
    select * from {{ ref('dim_security') }}
),

-- Dividends that were booked are in the curve.
eventful as (
    select
        scenario_id,
        trade_date
    from nav_daily
    where dividend <> 0
    union
    select
        held.scenario_id,
        held.trade_date
    from held
    inner join sessions on held.trade_date = sessions.trade_date
    left join bars on held.symbol = bars.symbol and held.trade_date = bars.trade_date
    left join bars as previous_bars
        on
            held.symbol = previous_bars.symbol
            and sessions.previous_trade_date = previous_bars.trade_date
    left join securities on held.symbol = securities.symbol
    where
        bars.adj_factor <> previous_bars.adj_factor
        or securities.delist_date <= held.trade_date
)

select
    attribution.scenario_id,
    attribution.trade_date,
    attribution.corporate_action_return
from attribution
left join eventful
    on
        attribution.scenario_id = eventful.scenario_id
        and attribution.trade_date = eventful.trade_date
where
    eventful.scenario_id is null
    and abs(attribution.corporate_action_return) > 1e-8
