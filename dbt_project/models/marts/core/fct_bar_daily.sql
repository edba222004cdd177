with

bars as (
    select * from {{ ref('int_bar__densified') }}
    where {{ in_stale_sessions('trade_date') }}
),

price_limits as (
    select * from {{ ref('int_price_limit__by_session') }}
),

ipo_limits as (
    select * from {{ ref('int_ipo_limit__by_security') }}
),

delisting_limits as (
    select * from {{ ref('int_delisting_limit__by_security') }}
),

-- A delisting period has limits of its own, whatever the treatment of the share.
day_limits as (
    select
        bars.*,
        price_limits.tick_cny,
        coalesce(
            bars.session_number >= delisting_limits.first_session_number
            and bars.session_number < delisting_limits.first_limited_session_number,
            false
        ) as is_unlimited_end,
        case
            when bars.session_number >= delisting_limits.first_session_number
                then delisting_limits.limit_rate
            else price_limits.limit_rate
        end as limit_rate
    from bars
    left join price_limits
        on
            bars.board = price_limits.board
            and coalesce(bars.is_st, false) = price_limits.is_st
            and bars.session_number = price_limits.session_number
    left join delisting_limits on bars.symbol = delisting_limits.symbol
),

-- No order is filled on a suspended session and no limit holds on the first sessions of some
-- listings and delisting periods: all of them have no limit price.
rated as (
    select
        day_limits.*,
        case
            when day_limits.is_suspended or day_limits.is_unlimited_end then null
            when day_limits.sessions_since_listing <= ipo_limits.unlimited_sessions then null
            when day_limits.sessions_since_listing = 1
                then coalesce(ipo_limits.first_session_up_rate, day_limits.limit_rate)
            else day_limits.limit_rate
        end as up_rate,
        case
            when day_limits.is_suspended or day_limits.is_unlimited_end then null
            when day_limits.sessions_since_listing <= ipo_limits.unlimited_sessions then null
            when day_limits.sessions_since_listing = 1
                then coalesce(ipo_limits.first_session_down_rate, day_limits.limit_rate)
            else day_limits.limit_rate
        end as down_rate
    from day_limits
    left join ipo_limits on day_limits.symbol = ipo_limits.symbol
),

limited as (
    select
        *,
        {{ round_price('pre_close * (1 + up_rate)', 'tick_cny') }} as limit_up_price,
        {{ round_price('pre_close * (1 - down_rate)', 'tick_cny') }} as limit_down_price,
        case when amount_cny > 0 then {{ safe_divide('amount_cny', 'volume_shares') }} end as vwap
    from rated
),

final as (
    select
        symbol,
        trade_date,
        session_number,
        sessions_since_listing,
        cast(open as double) as open,
        cast(high as double) as high,
        cast(low as double) as low,
        cast(close as double) as close,
        cast(pre_close as double) as pre_close,
        adj_factor,
        adj_close,
        vwap,
        vwap * adj_factor as adj_vwap,
        {{ safe_divide('adj_close', 'previous_adj_close') }} - 1 as return_1d,
        volume_shares,
        amount_cny,
        turnover_rate_pct,
        turnover_change_pct,
        cast(limit_up_price as double) as limit_up_price,
        cast(limit_down_price as double) as limit_down_price,
        coalesce(close = limit_up_price, false) as is_limit_up,
        coalesce(close = limit_down_price, false) as is_limit_down,
        coalesce(low = limit_up_price and high = low, false) as is_one_price_limit_up,
        coalesce(high = limit_down_price and high = low, false) as is_one_price_limit_down,
        is_suspended,
        is_st,
        total_cap_cny,
        circulating_cap_cny,
        trade_date as known_at
    from limited
)

select * from final
