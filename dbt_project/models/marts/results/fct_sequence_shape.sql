with

shapes as (
    select * from {{ ref('stg_model_output__sequence_shape') }}
),

training_windows as (
    select * from {{ ref('fct_training_window') }}
),

final as (
    select
        shapes.run_id,
        shapes.rule_set,
        shapes.model,
        shapes.window_start,
        shapes.part,
        shapes.row_count,
        shapes.sample_count,
        shapes.sequence_weeks,
        shapes.feature_count,
        training_windows.uses_future,
        training_windows.known_at
    from shapes
    left join training_windows
        on
            shapes.run_id = training_windows.run_id
            and shapes.rule_set = training_windows.rule_set
            and shapes.model = training_windows.model
            and shapes.window_start = training_windows.window_start
)

select * from final
