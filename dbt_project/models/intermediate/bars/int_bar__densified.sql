with

measured as (
    select * from {{ ref('int_bar__measured') }}
),

-- The session before the stale ones, as it was built: its carried values go on.
continued as (
    select
        *,
        true as is_stale
    from measured
    {{ carried_bars() }}
),

carried as (
    select
        *,
        {{ carried_value('known_close') }} over until_now as carried_close,
        {{ carried_value('known_adj_factor') }} over until_now as carried_adj_factor,
        {{ carried_value('traded_adj_close') }} over until_now as carried_traded_adj_close,
        {{ carried_value('traded_adj_close') }} over until_before as previous_adj_close,
        {{ carried_value('traded_turnover_rate_pct') }} over until_now
            as carried_turnover_rate_pct,
        {{ carried_value('traded_turnover_rate_pct') }} over until_before
            as previous_turnover_rate_pct,
        {{ carried_value('known_is_st') }} over until_now as carried_is_st,
        {{ carried_value('known_total_cap_cny') }} over until_now as total_cap_cny,
        {{ carried_value('known_circulating_cap_cny') }} over until_now as circulating_cap_cny
    from continued
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
        coalesce(carried_traded_adj_close, carried_close * carried_adj_factor) as adj_close,
        case when not is_suspended then previous_adj_close end as previous_adj_close,
        case when is_suspended then 0 else volume_shares end as volume_shares,
        case when is_suspended then 0 else amount_cny end as amount_cny,
        turnover_rate_pct,
        traded_turnover_rate_pct - previous_turnover_rate_pct as turnover_change_pct,
        is_suspended,
        case when has_row then is_st else carried_is_st end as is_st,
        total_cap_cny,
        circulating_cap_cny,
        carried_traded_adj_close,
        carried_turnover_rate_pct,
        carried_is_st
    from carried
    where is_stale
)

select * from final
