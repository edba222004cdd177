{{ config(meta={'dagster': {'ref': {'name': 'fct_feature_importance'}}}) }}
-- Ranks of a model's features run from one without a gap, and importance falls with them, as far as
-- it differs by more than rounding errors.
with

importances as (
    select * from {{ ref('fct_feature_importance') }}
),

compared as (
    select
        *,
        max(importance) over (
            partition by run_id, rule_set, model, window_start, importance_kind
        ) as largest
    from importances
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
            order by round({{ safe_divide('importance', 'largest') }}, 9) desc, feature asc
        ) as expected_rank
    from compared
),

misplaced as (
    select * from numbered
    where importance_rank <> expected_rank
)

select * from misplaced
