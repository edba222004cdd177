with

source as (
    select * from {{ source('optimizer_output', 'waterfall_cell') }}
),

renamed as (
    select
        cast(run_id as varchar) as run_id,
        cast(kind as varchar) as kind,
        cast(step as varchar) as step,
        cast(step_order as bigint) as step_order,
        cast(is_corrected as boolean) as is_corrected,
        cast(scenario_id as varchar) as scenario_id,
        cast(reason as varchar) as reason
    from source
)

select * from renamed
