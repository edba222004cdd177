-- A board or a date that the rulebook does not cover would leave fills unlimited in silence.
with

bars as (
    select * from {{ ref('fct_bar_daily') }}
),

ipo_limits as (
    select * from {{ ref('int_ipo_limit__by_security') }}
),

delisting_limits as (
    select * from {{ ref('int_delisting_limit__by_security') }}
)

select
    bars.symbol,
    bars.trade_date
from bars
left join ipo_limits on bars.symbol = ipo_limits.symbol
left join delisting_limits on bars.symbol = delisting_limits.symbol
where
    not bars.is_suspended
    and bars.pre_close is not null
    and bars.sessions_since_listing > coalesce(ipo_limits.unlimited_sessions, 0)
    and (
        delisting_limits.symbol is null
        or bars.session_number < delisting_limits.first_session_number
        or bars.session_number >= delisting_limits.first_limited_session_number
    )
    and (bars.limit_up_price is null or bars.limit_down_price is null)
