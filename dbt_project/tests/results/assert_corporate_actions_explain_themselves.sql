{{ config(meta={'dagster': {'ref': {'name': 'fct_pnl_attribution_daily'}}}) }}
-- What yuan say beyond adjusted returns is an event of a held share: an ex-date, a change of the
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

dividends as (
    select * from {{ ref('fct_dividend') }}
),

securities as (
    select * from {{ ref('dim_security') }}
),

eventful as (
    select distinct
        held.scenario_id,
        held.trade_date
    from held
    inner join sessions on held.trade_date = sessions.trade_date
    left join bars on held.symbol = bars.symbol and held.trade_date = bars.trade_date
    left join bars as previous_bars
        on
            held.symbol = previous_bars.symbol
            and sessions.previous_trade_date = previous_bars.trade_date
    -- A distribution counts on the first session at or after its ex-date.
    left join dividends
        on
            held.symbol = dividends.symbol
            and dividends.ex_date > sessions.previous_trade_date
            and dividends.ex_date <= held.trade_date
    left join securities on held.symbol = securities.symbol
    where
        dividends.ex_date is not null
        or bars.adj_factor <> previous_bars.adj_factor
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
