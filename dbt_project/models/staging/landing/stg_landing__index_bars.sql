with

source as (
    select * from {{ source('landing', 'index_bars') }}
),

renamed as (
    select
        cast(symbol as varchar) as index_symbol,
        cast(trade_date as date) as trade_date,
        cast(open as double) as open,
        cast(high as double) as high,
        cast(low as double) as low,
        cast(close as double) as close,
        cast(pre_close as double) as pre_close,
        cast(volume as double) as volume_shares,
        cast(total_return_close as double) as total_return_close
    from source
)

select * from renamed
