{{ config(meta={'dagster': {'ref': {'name': 'fct_prediction'}}}) }}
-- A prediction outside the universe of its model and week would be judged and traded by no rule.
with

predictions as (
    select * from {{ ref('fct_prediction') }}
),

models as (
    select * from {{ ref('stg_model_output__model') }}
),

universe as (
    select * from {{ ref('fct_universe_week') }}
),

strays as (
    select
        predictions.run_id,
        predictions.rule_set,
        predictions.model,
        predictions.symbol,
        predictions.week_date
    from predictions
    left join models
        on
            predictions.run_id = models.run_id
            and predictions.rule_set = models.rule_set
            and predictions.model = models.model
    left join universe
        on
            models.universe_rule_set = universe.rule_set
            and predictions.symbol = universe.symbol
            and predictions.week_date = universe.week_date
            and universe.in_universe
    where universe.symbol is null
)

select * from strays
