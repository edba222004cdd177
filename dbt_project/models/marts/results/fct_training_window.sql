with

training_windows as (
    select * from {{ ref('stg_model_output__training_window') }}
),

models as (
    select * from {{ ref('stg_model_output__model') }}
),

weeks as (
    select * from {{ ref('dim_week') }}
),

-- The window is judged when the labels of its last week are known. Where the calendar does not
-- reach that far, a fortnight after its end is later than any.
judged as (
    select
        training_windows.run_id,
        training_windows.rule_set,
        training_windows.model,
        training_windows.window_start,
        max(coalesce(
            case models.label_convention
                when 'close' then weeks.end_week_date_1w
                else weeks.exit_session_date_1w
            end,
            cast({{ dbt.dateadd('day', 14, 'training_windows.window_end') }} as date)
        )) as known_at
    from training_windows
    inner join models
        on
            training_windows.run_id = models.run_id
            and training_windows.rule_set = models.rule_set
            and training_windows.model = models.model
    inner join weeks
        on weeks.week_date between training_windows.window_start and training_windows.window_end
    group by
        training_windows.run_id, training_windows.rule_set, training_windows.model,
        training_windows.window_start
),

final as (
    select
        training_windows.run_id,
        training_windows.rule_set,
        training_windows.model,
        training_windows.window_start,
        training_windows.window_end,
        training_windows.train_first_week,
        training_windows.train_last_week,
        training_windows.partition_key,
        training_windows.parameters,
        training_windows.chosen_member,
        training_windows.seed,
        training_windows.boosting_rounds,
        training_windows.epochs,
        training_windows.train_row_count,
        training_windows.fit_row_count,
        training_windows.stop_row_count,
        training_windows.test_row_count,
        training_windows.in_sample_rank_ic,
        training_windows.fit_rank_ic,
        training_windows.stop_rank_ic,
        training_windows.out_of_sample_rank_ic,
        training_windows.in_sample_mse,
        training_windows.fit_mse,
        training_windows.stop_mse,
        training_windows.out_of_sample_mse,
        training_windows.degenerate_week_count,
        training_windows.fit_seconds,
        training_windows.uses_future,
        cast(judged.known_at as date) as known_at,
        training_windows.completed_at
    from training_windows
    inner join judged
        on
            training_windows.run_id = judged.run_id
            and training_windows.rule_set = judged.rule_set
            and training_windows.model = judged.model
            and training_windows.window_start = judged.window_start
)

select * from final
