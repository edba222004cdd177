with

source as (
    select * from {{ source('optimizer_output', 'fill') }}
),

renamed as (
    select
        cast(scenario_id as varchar) as scenario_id,
        cast(rebalance_date as date) as rebalance_date,
        cast(trade_date as date) as trade_date,
        cast(symbol as varchar) as symbol,
        cast(weight_before as double) as weight_before,
        cast(target_weight as double) as target_weight,
        cast(filled_weight as double) as filled_weight,
        cast(shortfall_weight as double) as shortfall_weight,
        cast(reason as varchar) as reason,
        cast(traded_shares as double) as traded_shares,
        cast(traded_value as double) as traded_value,
        cast(fill_price as double) as fill_price,
        cast(cost as double) as cost,
        cast(stamp_duty as double) as stamp_duty,
        cast(transfer_fee as double) as transfer_fee,
        cast(commission as double) as commission,
        cast(slippage as double) as slippage,
        cast(impact as double) as impact
    from source
)

select * from renamed
