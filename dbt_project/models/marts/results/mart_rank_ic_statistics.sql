with

statistics as (
    select * from {{ ref('stg_model_output__rank_ic_statistic') }}
),

final as (
    select
        run_id,
        rule_set,
        model,
        horizon_weeks,
        label_kind,
        statistic,
        value
    from statistics
)

select * from final
