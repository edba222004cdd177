with

sessions as (
    select * from {{ ref('int_calendar__numbered') }}
    where is_in_data and {{ in_stale_sessions('trade_date') }}
),

listings as (
    select * from {{ ref('int_security__listed') }}
),

daily_bars as (
    select * from {{ ref('stg_landing__daily_bars') }}
    where {{ in_stale_sessions('trade_date') }}
),

placed as (
    select
        listings.symbol,
        listings.board,
        sessions.trade_date,
        sessions.session_number,
        sessions.session_number - listings.listing_session_number + 1 as sessions_since_listing
    from listings
    inner join sessions
        on sessions.trade_date between listings.first_bar_date and listings.last_bar_date
),

-- A session without a row, or without volume, is a session without trade.
joined as (
    select
        placed.*,
        daily_bars.open,
        daily_bars.high,
        daily_bars.low,
        daily_bars.close,
        daily_bars.pre_close,
        daily_bars.volume_shares,
        daily_bars.amount_cny,
        daily_bars.adj_factor,
        daily_bars.turnover_rate_pct,
        daily_bars.is_st,
        daily_bars.total_shares,
        daily_bars.float_shares,
        daily_bars.symbol is not null as has_row,
        coalesce(daily_bars.is_suspended, true)
        or coalesce(daily_bars.volume_shares, 0) = 0 as is_suspended
    from placed
    left join daily_bars
        on
            placed.symbol = daily_bars.symbol
            and placed.trade_date = daily_bars.trade_date
),

final as (
    select
        symbol,
        trade_date,
        session_number,
        sessions_since_listing,
        board,
        open,
        high,
        low,
        pre_close,
        volume_shares,
        amount_cny,
        turnover_rate_pct,
        is_suspended,
        has_row,
        is_st,
        close as known_close,
        adj_factor as known_adj_factor,
        case when not is_suspended then close * adj_factor end as traded_adj_close,
        case when not is_suspended then cast(turnover_rate_pct as double) end
            as traded_turnover_rate_pct,
        is_st as known_is_st,
        cast(close as double) * total_shares as known_total_cap_cny,
        coalesce(
            cast(close as double) * float_shares,
            case
                when not is_suspended
                    then close * {{ safe_divide('volume_shares', 'turnover_rate_pct / 100') }}
            end
        ) as known_circulating_cap_cny
    from joined
)

select * from final
