with

source as (
    select * from {{ source('ops_output', 'partition') }}
),

renamed as (
    select
        cast(run_id as varchar) as run_id,
        cast(attempt as bigint) as attempt,
        cast(kind as varchar) as kind,
        cast(partition_key as varchar) as partition_key,
        cast(label as varchar) as label,
        cast(state as varchar) as state,
        cast(seconds as double) as seconds,
        cast(completed_at as timestamp) as completed_at
    from source
)

select * from renamed
