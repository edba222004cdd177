with

importances as (
    select * from {{ ref('stg_model_output__feature_importance') }}
),

training_windows as (
    select * from {{ ref('fct_training_window') }}
),

final as (
    select
        importances.run_id,
        importances.rule_set,
        importances.model,
        importances.window_start,
        importances.importance_kind,
        importances.feature,
        importances.importance,
        importances.importance_rank,
        training_windows.uses_future,
        training_windows.known_at
    from importances
    left join training_windows
        on
            importances.run_id = training_windows.run_id
            and importances.rule_set = training_windows.rule_set
            and importances.model = training_windows.model
            and importances.window_start = training_windows.window_start
)

select * from final
