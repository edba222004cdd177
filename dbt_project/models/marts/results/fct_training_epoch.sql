with

epochs as (
    select * from {{ ref('stg_model_output__training_epoch') }}
),

training_windows as (
    select * from {{ ref('fct_training_window') }}
),

final as (
    select
        epochs.run_id,
        epochs.rule_set,
        epochs.model,
        epochs.window_start,
        epochs.epoch,
        epochs.train_loss,
        epochs.validation_score,
        training_windows.uses_future,
        training_windows.known_at
    from epochs
    inner join training_windows
        on
            epochs.run_id = training_windows.run_id
            and epochs.rule_set = training_windows.rule_set
            and epochs.model = training_windows.model
            and epochs.window_start = training_windows.window_start
)

select * from final
