with

models as (
    select * from {{ ref('stg_model_output__model') }}
),

training_windows as (
    select * from {{ ref('stg_model_output__training_window') }}
),

trained_until as (
    select
        run_id,
        rule_set,
        model,
        max(completed_at) as last_completed_at
    from training_windows
    group by run_id, rule_set, model
),

-- The key of a model says what it is; where several runs used it, the newest one describes it.
numbered as (
    select
        models.*,
        row_number() over (
            partition by models.rule_set, models.model
            order by trained_until.last_completed_at desc nulls last, models.run_id asc
        ) as newest_first
    from models
    left join trained_until
        on
            models.run_id = trained_until.run_id
            and models.rule_set = trained_until.rule_set
            and models.model = trained_until.model
),

final as (
    select
        rule_set,
        model,
        library,
        loss,
        window_mode,
        stock_order,
        universe_rule_set,
        label_rule_set,
        purge_rule_set,
        label_convention,
        seed,
        tuning,
        parameters,
        members,
        run_id
    from numbered
    where newest_first = 1
)

select * from final
