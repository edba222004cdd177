with

sessions as (
    select * from {{ ref('int_calendar__numbered') }}
    where is_in_data
),

listings as (
    select * from {{ ref('int_security__listed') }}
),

daily_bars as (
    select * from {{ ref('stg_landing__daily_bars') }}
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

measured as (
    select
        *,
        case when not is_suspended then close * adj_factor end as traded_adj_close,
        cast(close as double) * total_shares as total_cap,
        coalesce(
            cast(close as double) * float_shares,
            case
                when not is_suspended
                    then close * {{ safe_divide('volume_shares', 'turnover_rate_pct / 100') }}
            end
        ) as circulating_cap
    from joined
),

carried as (
    select
        *,
        {{ carried_value('close') }} over until_now as carried_close,
        {{ carried_value('adj_factor') }} over until_now as carried_adj_factor,
        {{ carried_value('traded_adj_close') }} over until_now as carried_adj_close,
        {{ carried_value('traded_adj_close') }} over until_before as previous_adj_close,
        {{ carried_value('is_st') }} over until_now as carried_is_st,
        {{ carried_value('total_cap') }} over until_now as total_cap_cny,
        {{ carried_value('circulating_cap') }} over until_now as circulating_cap_cny
    from measured
    window
        until_now as (
            partition by symbol order by session_number
            rows between unbounded preceding and current row
        ),
        until_before as (
            partition by symbol order by session_number
            rows between unbounded preceding and 1 preceding
        )
),

final as (
    select
        symbol,
        trade_date,
        session_number,
        sessions_since_listing,
        board,
        coalesce(open, carried_close) as open,
        coalesce(high, carried_close) as high,
        coalesce(low, carried_close) as low,
        carried_close as close,
        coalesce(pre_close, carried_close) as pre_close,
        carried_adj_factor as adj_factor,
        coalesce(carried_adj_close, carried_close * carried_adj_factor) as adj_close,
        case when not is_suspended then previous_adj_close end as previous_adj_close,
        case when is_suspended then 0 else volume_shares end as volume_shares,
        case when is_suspended then 0 else amount_cny end as amount_cny,
        turnover_rate_pct,
        is_suspended,
        case when has_row then is_st else carried_is_st end as is_st,
        total_cap_cny,
        circulating_cap_cny
    from carried
)

select * from final
