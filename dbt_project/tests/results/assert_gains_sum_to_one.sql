{{ config(meta={'dagster': {'ref': {'name': 'fct_feature_importance'}}}) }}
-- Shares of the gain of a model sum to one, or to zero where no tree has a split.
with

importances as (
    select * from {{ ref('fct_feature_importance') }}
),

totals as (
    select
        run_id,
        rule_set,
        model,
        window_start,
        sum(importance) as total_share
    from importances
    where importance_kind = 'gain'
    group by run_id, rule_set, model, window_start
),

incomplete as (
    select * from totals
    where total_share > 0 and abs(total_share - 1) > 1e-9
)

select * from incomplete
