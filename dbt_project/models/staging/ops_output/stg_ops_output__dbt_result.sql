with

source as (
    select * from {{ source('ops_output', 'dbt_result') }}
),

renamed as (
    select
        cast(run_id as varchar) as run_id,
        cast(invocation_id as varchar) as invocation_id,
        cast(node as varchar) as node,
        cast(resource_type as varchar) as resource_type,
        cast(status as varchar) as status,
        cast(tested_model as varchar) as tested_model,
        cast(severity as varchar) as severity,
        cast(description as varchar) as description,
        cast(seconds as double) as seconds,
        cast(failures as bigint) as failures,
        cast(message as varchar) as message,
        cast(completed_at as timestamp) as completed_at
    from source
)

select * from renamed
