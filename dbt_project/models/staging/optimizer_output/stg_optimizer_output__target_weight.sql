with

source as (
    select * from {{ source('optimizer_output', 'target_weight') }}
),

renamed as (
    select
        cast(scenario_id as varchar) as scenario_id,
        cast(rebalance_date as date) as rebalance_date,
        cast(symbol as varchar) as symbol,
        cast(target_weight as double) as target_weight,
        cast(weight_before as double) as weight_before,
        cast(signal_week_date as date) as signal_week_date,
        cast(signal_age_sessions as bigint) as signal_age_sessions,
        cast(prediction as double) as prediction,
        cast(expected_return as double) as expected_return
    from source
)

select * from renamed
