with

models as (
    select * from {{ ref('stg_model_output__model') }}
),

runs as (
    select * from {{ ref('fct_run') }}
),

-- The key of a model says what it is; where several runs used it, the newest one describes it.
numbered as (
    select
        models.*,
        row_number() over (
            partition by models.rule_set, models.model
            order by runs.is_latest desc nulls last, runs.started_at desc nulls last, models.run_id
        ) as newest_first
    from models
    left join runs on models.run_id = runs.run_id
),

final as (
    select
        rule_set,
        model,
        library,
        loss,
        window_mode,
        label_convention,
        seed,
        parameters,
        run_id
    from numbered
    where newest_first = 1
)

select * from final
