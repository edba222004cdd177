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
        cast(turnover as double) as turnover,
        cast(holding_count as bigint) as holding_count
    from source
)

select * from renamed
