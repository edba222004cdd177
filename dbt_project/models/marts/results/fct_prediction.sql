with

predictions as (
    select * from {{ ref('stg_model_output__prediction') }}
),

training_windows as (
    select * from {{ ref('stg_model_output__training_window') }}
),

models as (
    select * from {{ ref('stg_model_output__model') }}
),

universe as (
    select * from {{ ref('fct_universe_week') }}
),

final as (
    select
        predictions.run_id,
        predictions.rule_set,
        predictions.model,
        predictions.symbol,
        predictions.week_date,
        predictions.window_start,
        predictions.prediction,
        coalesce(training_windows.uses_future, false)
        or coalesce(universe.uses_future, false) as uses_future,
        coalesce(universe.known_at, predictions.week_date) as known_at
    from predictions
    left join training_windows
        on
            predictions.run_id = training_windows.run_id
            and predictions.rule_set = training_windows.rule_set
            and predictions.model = training_windows.model
            and predictions.window_start = training_windows.window_start
    inner join models
        on
            predictions.run_id = models.run_id
            and predictions.rule_set = models.rule_set
            and predictions.model = models.model
    left join universe
        on
            models.universe_rule_set = universe.rule_set
            and predictions.symbol = universe.symbol
            and predictions.week_date = universe.week_date
)

select * from final
