with

partitions as (
    select * from {{ ref('stg_ops_output__partition') }}
),

final as (
    select
        run_id,
        attempt,
        kind,
        partition_key,
        label,
        state,
        seconds,
        completed_at
    from partitions
)

select * from final
