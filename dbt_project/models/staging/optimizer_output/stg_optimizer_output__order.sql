with

source as (
    select * from {{ source('optimizer_output', 'order') }}
),

renamed as (
    select
        cast(scenario_id as varchar) as scenario_id,
        cast(rebalance_date as date) as rebalance_date,
        cast(symbol as varchar) as symbol,
        cast(order_weight as double) as order_weight,
        cast(side as varchar) as side
    from source
)

select * from renamed
