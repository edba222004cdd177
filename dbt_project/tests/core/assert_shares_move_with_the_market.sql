{{ config(severity='warn') }}

with

bars as (
    select * from {{ ref('fct_bar_daily') }}
    where return_1d is not null
),

sessions as (
    select * from {{ ref('dim_trade_date') }}
),

market_returns as (
    select * from {{ ref('int_market_return__daily') }}
),

markets as (
    select
        sessions.trade_date,
        today.market_return,
        before.market_return as return_before,
        after.market_return as return_after
    from sessions
    inner join market_returns as today on sessions.trade_date = today.trade_date
    inner join market_returns as before on sessions.previous_trade_date = before.trade_date
    inner join market_returns as after on sessions.next_trade_date = after.trade_date
),

correlated as (
    select
        bars.symbol,
        count(*) as session_count,
        corr(bars.return_1d, markets.market_return) as with_its_session,
        corr(bars.return_1d, markets.return_before) as with_the_session_before,
        corr(bars.return_1d, markets.return_after) as with_the_session_after
    from bars
    inner join markets on bars.trade_date = markets.trade_date
    group by bars.symbol
)

select * from correlated
where
    session_count >= 120
    and greatest(with_the_session_before, with_the_session_after) > with_its_session + 0.15
