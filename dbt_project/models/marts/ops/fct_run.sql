with

runs as (
    select * from {{ ref('stg_ops_output__run') }}
),

final as (
    select
        run_id,
        experiment,
        is_latest,
        started_at,
        completed_at,
        attempt_count,
        data_hash,
        code_hash,
        config,
        package_versions
    from runs
)

select * from final
