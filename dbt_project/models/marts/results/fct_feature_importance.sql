with

importances as (
    select * from {{ ref('stg_model_output__feature_importance') }}
),

training_windows as (
    select * from {{ ref('fct_training_window') }}
),

compared as (
    select
        *,
        max(importance) over (
            partition by run_id, rule_set, model, window_start, importance_kind
        ) as largest
    from importances
),

-- Of columns that say the same, and of those that say nothing, the order of the last digits would
-- be that of rounding errors, another one in every build.
ranked as (
    select
        *,
        row_number() over (
            partition by run_id, rule_set, model, window_start, importance_kind
            order by round({{ safe_divide('importance', 'largest') }}, 9) desc, feature asc
        ) as importance_rank
    from compared
),

final as (
    select
        ranked.run_id,
        ranked.rule_set,
        ranked.model,
        ranked.window_start,
        ranked.importance_kind,
        ranked.feature,
        ranked.importance,
        ranked.importance_rank,
        training_windows.uses_future,
        training_windows.known_at
    from ranked
    left join training_windows
        on
            ranked.run_id = training_windows.run_id
            and ranked.rule_set = training_windows.rule_set
            and ranked.model = training_windows.model
            and ranked.window_start = training_windows.window_start
)

select * from final
