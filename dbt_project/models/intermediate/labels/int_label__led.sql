with

points as (
    select * from {{ ref('int_label__priced') }}
),

bars as (
    select * from {{ ref('fct_bar_daily') }}
),

securities as (
    select * from {{ ref('dim_security') }}
    where delist_date is not null
),

last_sessions as (
    select
        bars.symbol,
        max(bars.trade_date) as trade_date
    from bars
    inner join securities on bars.symbol = securities.symbol
    group by bars.symbol
),

terminal_values as (
    select
        bars.symbol,
        coalesce(securities.terminal_value_cny * bars.adj_factor, bars.adj_close)
            as terminal_price
    from bars
    inner join securities on bars.symbol = securities.symbol
    inner join last_sessions
        on
            bars.symbol = last_sessions.symbol
            and bars.trade_date = last_sessions.trade_date
),

-- A share has a point in every week of its listing: the row h rows on is the week h weeks on.
led as (
    select
        symbol,
        week_date,
        label_convention,
        fwd_price as fwd_price_0w,
        fwd_is_traded as fwd_is_traded_0w,
        lead(fwd_price, 1) over by_week as fwd_price_1w,
        lead(fwd_price, 2) over by_week as fwd_price_2w,
        lead(fwd_price, 3) over by_week as fwd_price_3w,
        lead(fwd_price, 4) over by_week as fwd_price_4w,
        lead(fwd_is_traded, 1) over by_week as fwd_is_traded_1w,
        lead(fwd_is_traded, 2) over by_week as fwd_is_traded_2w,
        lead(fwd_is_traded, 3) over by_week as fwd_is_traded_3w,
        lead(fwd_is_traded, 4) over by_week as fwd_is_traded_4w
    from points
    window by_week as (partition by symbol, label_convention order by week_date)
),

final as (
    select
        led.*,
        terminal_values.terminal_price as fwd_terminal_price
    from led
    left join terminal_values on led.symbol = terminal_values.symbol
)

select * from final
