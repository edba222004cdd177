with

steps as (
    select * from {{ ref('stg_ops_output__step') }}
),

final as (
    select
        run_id,
        attempt,
        step_number,
        step,
        seconds,
        peak_memory_mb,
        completed_at
    from steps
)

select * from final
