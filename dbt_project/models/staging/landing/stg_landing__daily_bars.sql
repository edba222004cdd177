with

source as (
    select * from {{ source('landing', 'daily_bars') }}
),

renamed as (
    select
        cast(symbol as varchar) as symbol,
        cast(trade_date as date) as trade_date,
        cast(open as decimal(9, 2)) as open,
        cast(high as decimal(9, 2)) as high,
        cast(low as decimal(9, 2)) as low,
        cast(close as decimal(9, 2)) as close,
        cast(pre_close as decimal(9, 2)) as pre_close,
        cast(volume as bigint) as volume_shares,
        cast(amount as double) as amount_cny,
        cast(adj_factor as double) as adj_factor,
        cast(turnover_rate as double) as turnover_rate_pct,
        cast(is_suspended as boolean) as is_suspended,
        cast(is_st as boolean) as is_st,
        cast(total_shares as bigint) as total_shares,
        cast(float_shares as bigint) as float_shares
    from source
)

select * from renamed
