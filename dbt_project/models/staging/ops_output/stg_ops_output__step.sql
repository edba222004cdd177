with

source as (
    select * from {{ source('ops_output', 'step') }}
),

renamed as (
    select
        cast(run_id as varchar) as run_id,
        cast(attempt as bigint) as attempt,
        cast(step_number as bigint) as step_number,
        cast(step as varchar) as step,
        cast(seconds as double) as seconds,
        cast(peak_memory_mb as double) as peak_memory_mb,
        cast(completed_at as timestamp) as completed_at
    from source
)

select * from renamed
