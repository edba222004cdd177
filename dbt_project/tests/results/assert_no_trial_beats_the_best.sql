{{ config(meta={'dagster': {'ref': {'name': 'fct_tuning_trial'}}}) }}
-- No complete trial of the search scores better than the one the window was fitted with: lower
-- under the loss mse, higher under rank_ic.
with

trials as (
    select * from {{ ref('fct_tuning_trial') }}
),

models as (
    select * from {{ ref('dim_model') }}
),

searched as (
    select
        trials.run_id,
        trials.rule_set,
        trials.model,
        trials.window_start,
        trials.trial,
        trials.is_best,
        case when models.loss = 'rank_ic' then -trials.score else trials.score end as cost
    from trials
    inner join models
        on
            trials.rule_set = models.rule_set
            and trials.model = models.model
    where
        trials.stage = 'optuna'
        and trials.state = 'complete'
),

better as (
    select
        others.run_id,
        others.rule_set,
        others.model,
        others.window_start,
        others.trial
    from searched as others
    inner join searched as best
        on
            others.run_id = best.run_id
            and others.rule_set = best.rule_set
            and others.model = best.model
            and others.window_start = best.window_start
    where
        best.is_best
        and others.cost < best.cost
)

select * from better
