with

bars as (
    select * from {{ ref('fct_bar_daily') }}
    where {{ in_look_back('session_number', longest_look_back()) }}
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
        turnover_change_pct,
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

-- The close that a daily return is taken to, over any suspension.
preceded as (
    select
        *,
        case
            when return_1d is not null
                then lag(adj_close) over (partition by symbol order by session_number)
        end as previous_adj_close,
        count(close) over (
            partition by symbol order by session_number
            rows between unbounded preceding and current row
        ) as traded_session_count
    from observed
),

final as (
    select
        preceded.symbol,
        preceded.trade_date,
        preceded.session_number,
        sessions.is_week_end and {{ in_stale_weeks('preceded.trade_date') }} as is_week_end,
        preceded.adj_close,
        preceded.close * preceded.adj_factor as traded_adj_close,
        preceded.high * preceded.adj_factor as adj_high,
        preceded.low * preceded.adj_factor as adj_low,
        preceded.return_1d,
        case when preceded.return_1d is not null then market_returns.market_return end
            as market_return,
        preceded.close * preceded.adj_factor - preceded.previous_adj_close as adj_close_change,
        cast(preceded.turnover_rate_pct as double) as turnover_rate_pct,
        preceded.turnover_change_pct,
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
