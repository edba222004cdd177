with

dbt_results as (
    select * from {{ ref('stg_ops_output__dbt_result') }}
),

final as (
    select
        run_id,
        invocation_id,
        node,
        resource_type,
        status,
        tested_model,
        severity,
        description,
        seconds,
        failures,
        message,
        completed_at
    from dbt_results
)

select * from final
