with

bars as (
    select * from {{ ref('fct_bar_daily') }}
),

sessions as (
    select * from {{ ref('dim_trade_date') }}
),

market_returns as (
    select * from {{ ref('int_market_return__daily') }}
),

-- Whatever a session without trade shows is no observation; only the adjusted close is carried.
observed as (
    select
        symbol,
        trade_date,
        session_number,
        adj_close,
        return_1d,
        adj_factor,
        case when not is_suspended then open end as open,
        case when not is_suspended then high end as high,
        case when not is_suspended then low end as low,
        case when not is_suspended then close end as close,
        case when not is_suspended then vwap end as vwap,
        case when not is_suspended then amount_cny end as amount_cny,
        case when not is_suspended then volume_shares end as volume_shares,
        case when not is_suspended then turnover_rate_pct end as turnover_rate_pct,
        case when not is_suspended then cast(is_limit_up as integer) end as limit_up_count
    from bars
),

-- The last values before a session, over any suspension.
preceded as (
    select
        *,
        last_value(close * adj_factor ignore nulls) over until_before as previous_adj_close,
        last_value(turnover_rate_pct ignore nulls) over until_before
            as previous_turnover_rate_pct,
        count(close) over until_now as traded_session_count
    from observed
    window
        until_before as (
            partition by symbol order by session_number
            rows between unbounded preceding and 1 preceding
        ),
        until_now as (
            partition by symbol order by session_number
            rows between unbounded preceding and current row
        )
),

final as (
    select
        preceded.symbol,
        preceded.trade_date,
        preceded.session_number,
        sessions.is_week_end,
        preceded.adj_close,
        preceded.close * preceded.adj_factor as traded_adj_close,
        preceded.high * preceded.adj_factor as adj_high,
        preceded.low * preceded.adj_factor as adj_low,
        preceded.return_1d,
        case when preceded.return_1d is not null then market_returns.market_return end
            as market_return,
        preceded.close * preceded.adj_factor - preceded.previous_adj_close as adj_close_change,
        cast(preceded.turnover_rate_pct as double) as turnover_rate_pct,
        cast(preceded.turnover_rate_pct as double) - preceded.previous_turnover_rate_pct
            as turnover_change_pct,
        preceded.amount_cny,
        {{ safe_divide('preceded.volume_shares', 'preceded.adj_factor') }} as adj_volume,
        {{ positive_log('preceded.open * preceded.adj_factor / preceded.previous_adj_close') }}
            as overnight_log_return,
        {{ positive_log('preceded.close / preceded.open') }} as intraday_log_return,
        {{ positive_log('preceded.high / preceded.low') }} as log_high_low,
        {{ safe_divide('preceded.vwap', 'preceded.close') }} - 1 as vwap_to_close,
        case
            when preceded.high > preceded.low
                then
                    preceded.amount_cny
                    * (2 * preceded.close - preceded.high - preceded.low)
                    / (preceded.high - preceded.low)
            when preceded.high = preceded.low then 0
        end as money_flow_cny,
        preceded.limit_up_count,
        preceded.traded_session_count
    from preceded
    inner join sessions on preceded.trade_date = sessions.trade_date
    left join market_returns on preceded.trade_date = market_returns.trade_date
)

select * from final
