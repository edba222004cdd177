with

index_bars as (
    select * from {{ ref('stg_landing__index_bars') }}
),

-- The exchange's own previous close stands in on the first session alone.
chained as (
    select
        *,
        coalesce(
            lag(close) over (partition by index_symbol order by trade_date), pre_close
        ) as previous_close
    from index_bars
),

final as (
    select
        index_symbol,
        trade_date,
        open,
        high,
        low,
        close,
        {{ safe_divide('close', 'previous_close') }} - 1 as return_1d,
        volume_shares,
        total_return_close,
        trade_date as known_at
    from chained
)

select * from final
