{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'fct_pnl_attribution_daily'}}}) }}
-- An event of a held share moves yuan otherwise than its return by little: what is paid out, and
-- fractions of a share, miss the return of the session, and the exchange rounds its reference price
-- (half a percent, as in optimizer.corporate_actions). More is a wrong return that hides there.
-- A delisting may be worth anything.
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
    select * from {{ ref('stg_landing__dividends') }}
),

securities as (
    select * from {{ ref('dim_security') }}
),

paid as (
    select
        dividends.symbol,
        sessions.trade_date,
        sum(coalesce(dividends.cash_per_share, 0)) as cash_per_share_cny
    from dividends
    inner join sessions
        on
            dividends.ex_date > sessions.previous_trade_date
            and dividends.ex_date <= sessions.trade_date
    group by dividends.symbol, sessions.trade_date
),

holdings as (
    select
        held.scenario_id,
        held.trade_date,
        held.weight,
        abs(held.return_1d) as return_size,
        abs(bars.adj_factor / previous_bars.adj_factor - 1) as factor_step,
        coalesce(paid.cash_per_share_cny / held.previous_close_price, 0) as dividend_yield,
        paid.symbol is not null or bars.adj_factor <> previous_bars.adj_factor as has_event
    from held
    inner join sessions on held.trade_date = sessions.trade_date
    inner join bars on held.symbol = bars.symbol and held.trade_date = bars.trade_date
    inner join bars as previous_bars
        on
            held.symbol = previous_bars.symbol
            and sessions.previous_trade_date = previous_bars.trade_date
    left join paid on held.symbol = paid.symbol and held.trade_date = paid.trade_date
),

-- Who is gone has no bar, and no row above.
delistings as (
    select distinct
        held.scenario_id,
        held.trade_date
    from held
    inner join securities on held.symbol = securities.symbol
    where securities.delist_date <= held.trade_date
),

allowed as (
    select
        scenario_id,
        trade_date,
        sum(
            weight * (0.005 + (0.015 + factor_step + dividend_yield) * return_size)
        ) as allowed_return
    from holdings
    where has_event
    group by scenario_id, trade_date
)

select
    attribution.scenario_id,
    attribution.trade_date,
    attribution.corporate_action_return,
    allowed.allowed_return
from attribution
inner join allowed
    on
        attribution.scenario_id = allowed.scenario_id
        and attribution.trade_date = allowed.trade_date
left join delistings
    on
        attribution.scenario_id = delistings.scenario_id
        and attribution.trade_date = delistings.trade_date
where
    delistings.scenario_id is null
    and abs(attribution.corporate_action_return) > allowed.allowed_return + 1e-8
