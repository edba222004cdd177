with

source as (
    select * from {{ source('optimizer_output', 'fill_reason') }}
),

renamed as (
    select
        cast(scenario_id as varchar) as scenario_id,
        cast(rebalance_date as date) as rebalance_date,
        cast(trade_date as date) as trade_date,
        cast(symbol as varchar) as symbol,
        cast(reason as varchar) as reason,
        cast(shortfall_weight as double) as shortfall_weight
    from source
)

select * from renamed
