{{ config(meta={'dagster': {'ref': {'name': 'fct_prediction'}}}) }}
-- Every prediction belongs to a recorded window and lies in it; every recorded window has them all.
with

predictions as (
    select
        run_id,
        rule_set,
        model,
        window_start,
        min(week_date) as first_week,
        max(week_date) as last_week,
        count(*) as prediction_count
    from {{ ref('fct_prediction') }}
    group by run_id, rule_set, model, window_start
),

training_windows as (
    select * from {{ ref('fct_training_window') }}
),

faults as (
    select
        training_windows.run_id,
        training_windows.rule_set,
        training_windows.model,
        training_windows.window_start,
        predictions.window_start as predicted_window_start,
        predictions.first_week,
        predictions.last_week,
        predictions.prediction_count,
        training_windows.test_row_count
    from predictions
    full join training_windows
        on
            predictions.run_id = training_windows.run_id
            and predictions.rule_set = training_windows.rule_set
            and predictions.model = training_windows.model
            and predictions.window_start = training_windows.window_start
    where
        predictions.window_start is null
        or training_windows.window_start is null
        or predictions.first_week < training_windows.window_start
        or predictions.last_week > training_windows.window_end
        or predictions.prediction_count <> training_windows.test_row_count
)

select * from faults
