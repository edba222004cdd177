with

source as (
    select * from {{ source('model_output', 'claim_interval') }}
),

renamed as (
    select
        cast(run_id as varchar) as run_id,
        cast(rule_set as varchar) as rule_set,
        cast(claim as varchar) as claim,
        cast(first_series as varchar) as first_series,
        cast(second_series as varchar) as second_series,
        cast(effect as double) as effect,
        cast(interval_lower as double) as interval_lower,
        cast(interval_upper as double) as interval_upper,
        cast(confidence_level as double) as confidence_level,
        cast(mean_block_length as double) as mean_block_length,
        cast(replication_count as bigint) as replication_count,
        cast(seed as bigint) as seed
    from source
)

select * from renamed
