with

source as (
    select * from {{ source('ops_output', 'trial') }}
),

renamed as (
    select
        cast(kind as varchar) as kind,
        cast(partition_key as varchar) as partition_key,
        cast(label as varchar) as label,
        cast(experiment as varchar) as experiment,
        cast(first_run_id as varchar) as first_run_id,
        cast(fit_count as bigint) as fit_count,
        cast(trial_count as bigint) as trial_count,
        cast(first_completed_at as timestamp) as first_completed_at
    from source
)

select * from renamed
