with

bars as (
    select * from {{ ref('int_bar_daily__derived') }}
    where {{ in_look_back('session_number', 240) }}
),

sessions as (
    select * from {{ ref('dim_trade_date') }}
),

market_returns as (
    select * from {{ ref('int_market_return__daily') }}
),

averaged as (
    select
        sessions.trade_date,
        sessions.session_number,
        sessions.is_week_end,
        market_returns.market_return,
        avg(market_returns.market_return) over (
            order by sessions.session_number
            rows between 239 preceding and current row
        ) as mean_market_return
    from sessions
    inner join market_returns on sessions.trade_date = market_returns.trade_date
),

-- The same sessions count for every stock: those of the last 240 on which the market return lay
-- below its own mean.
downside_sessions as (
    select
        week_ends.trade_date as week_date,
        falls.session_number,
        falls.market_return
    from averaged as week_ends
    inner join averaged as falls
        on
            week_ends.session_number < falls.session_number + 240
            and week_ends.session_number >= falls.session_number
            and week_ends.mean_market_return > falls.market_return
    where week_ends.is_week_end and {{ in_stale_weeks('week_ends.trade_date') }}
),

final as (
    select
        bars.symbol,
        downside_sessions.week_date,
        regr_sxx(bars.return_1d, downside_sessions.market_return) as sxx,
        regr_sxy(bars.return_1d, downside_sessions.market_return) as sxy
    from bars
    inner join downside_sessions on bars.session_number = downside_sessions.session_number
    where bars.return_1d is not null
    group by bars.symbol, downside_sessions.week_date
)

select * from final
