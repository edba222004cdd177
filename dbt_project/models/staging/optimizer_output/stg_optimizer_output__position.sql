with

source as (
    select * from {{ source('optimizer_output', 'position') }}
),

renamed as (
    select
        cast(scenario_id as varchar) as scenario_id,
        cast(trade_date as date) as trade_date,
        cast(symbol as varchar) as symbol,
        cast(shares as double) as shares,
        cast(close_price as double) as close_price,
        cast(value_cny as double) as value_cny,
        cast(weight as double) as weight,
        cast(is_tradable as boolean) as is_tradable
    from source
)

select * from renamed
