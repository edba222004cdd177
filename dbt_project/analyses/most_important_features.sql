-- What do the models read? Mean importance over the windows of the latest run, ten features each.
with

averaged as (
    select
        importances.rule_set,
        importances.model,
        importances.importance_kind,
        importances.feature,
        avg(importances.importance) as mean_importance,
        avg(importances.importance_rank) as mean_rank,
        count(*) as window_count
    from results.fct_feature_importance as importances
    where
        importances.run_id in (
            select runs.run_id
            from ops.fct_run as runs
            where runs.is_latest
        )
    group by
        importances.rule_set, importances.model, importances.importance_kind, importances.feature
),

ranked as (
    select
        averaged.*,
        row_number() over (
            partition by averaged.rule_set, averaged.model, averaged.importance_kind
            order by averaged.mean_importance desc, averaged.feature asc
        ) as position
    from averaged
)

select *
from ranked
where position <= 10
order by rule_set, model, importance_kind, position
