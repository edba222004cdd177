with

source as (
    select * from {{ source('optimizer_output', 'nav_daily') }}
),

renamed as (
    select
        cast(scenario_id as varchar) as scenario_id,
        cast(trade_date as date) as trade_date,
        cast(nav as double) as nav,
        cast(benchmark_nav as double) as benchmark_nav,
        cast(cash_weight as double) as cash_weight,
        cast(cost as double) as cost,
        cast(stamp_duty as double) as stamp_duty,
        cast(transfer_fee as double) as transfer_fee,
        cast(commission as double) as commission,
        cast(slippage as double) as slippage,
        cast(impact as double) as impact,
        cast(dividend as double) as dividend,
        cast(turnover as double) as turnover,
        cast(holding_count as bigint) as holding_count
    from source
)

select * from renamed
