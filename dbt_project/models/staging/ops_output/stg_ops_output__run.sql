with

source as (
    select * from {{ source('ops_output', 'run') }}
),

renamed as (
    select
        cast(run_id as varchar) as run_id,
        cast(experiment as varchar) as experiment,
        cast(is_latest as boolean) as is_latest,
        cast(started_at as timestamp) as started_at,
        cast(completed_at as timestamp) as completed_at,
        cast(attempt_count as bigint) as attempt_count,
        cast(data_hash as varchar) as data_hash,
        cast(code_hash as varchar) as code_hash,
        cast(config as varchar) as config,
        cast(package_versions as varchar) as package_versions
    from source
)

select * from renamed
