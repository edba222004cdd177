{{ config(meta={'dagster': {'ref': {'name': 'fct_feature_importance'}}}) }}
-- Ranks of a model's features run from one without a gap, and importance falls with them.
with

importances as (
    select * from {{ ref('fct_feature_importance') }}
),

numbered as (
    select
        run_id,
        rule_set,
        model,
        window_start,
        importance_kind,
        feature,
        importance_rank,
        row_number() over (
            partition by run_id, rule_set, model, window_start, importance_kind
            order by importance desc, feature asc
        ) as expected_rank
    from importances
),

misplaced as (
    select * from numbered
    where importance_rank <> expected_rank
)

select * from misplaced
