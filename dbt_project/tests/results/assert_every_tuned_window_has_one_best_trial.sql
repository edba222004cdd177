{{ config(meta={'dagster': {'ref': {'name': 'fct_tuning_trial'}}}) }}
-- A tuned window is fitted with the parameters of one complete trial, and it is a window that was
-- trained. A window with trials but without exactly one best, or without a fit, is broken.
with

trials as (
    select * from {{ ref('fct_tuning_trial') }}
),

training_windows as (
    select * from {{ ref('fct_training_window') }}
),

windows as (
    select
        run_id,
        rule_set,
        model,
        window_start,
        sum(case when stage = 'optuna' and is_best then 1 else 0 end) as best_count,
        sum(case when is_best and state <> 'complete' then 1 else 0 end) as unfinished_best_count
    from trials
    group by run_id, rule_set, model, window_start
),

broken as (
    select
        windows.run_id,
        windows.rule_set,
        windows.model,
        windows.window_start,
        windows.best_count,
        windows.unfinished_best_count
    from windows
    left join training_windows
        on
            windows.run_id = training_windows.run_id
            and windows.rule_set = training_windows.rule_set
            and windows.model = training_windows.model
            and windows.window_start = training_windows.window_start
    where
        windows.best_count <> 1
        or windows.unfinished_best_count > 0
        or training_windows.run_id is null
)

select * from broken
