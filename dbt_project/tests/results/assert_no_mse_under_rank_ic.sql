{{ config(meta={'dagster': {'ref': {'name': 'fct_training_window'}}}) }}
-- Forecasts under the loss rank_ic have no units: no squared error is reported for them.
with

training_windows as (
    select * from {{ ref('fct_training_window') }}
),

models as (
    select * from {{ ref('dim_model') }}
),

measured as (
    select
        training_windows.run_id,
        training_windows.rule_set,
        training_windows.model,
        training_windows.window_start
    from training_windows
    inner join models
        on
            training_windows.rule_set = models.rule_set
            and training_windows.model = models.model
    where
        models.loss = 'rank_ic'
        and coalesce(
            training_windows.in_sample_mse,
            training_windows.fit_mse,
            training_windows.stop_mse,
            training_windows.out_of_sample_mse
        ) is not null
)

select * from measured
