with

trials as (
    select * from {{ ref('stg_ops_output__trial') }}
),

final as (
    select
        kind,
        partition_key,
        label,
        experiment,
        first_run_id,
        fit_count,
        trial_count,
        first_completed_at
    from trials
)

select * from final
