with

models as (
    select * from {{ ref('stg_model_output__model') }}
),

final as (
    select
        run_id,
        rule_set,
        model,
        {{ model_family('model', 'seed') }} as model_family,
        library,
        loss,
        window_mode,
        seed,
        parameters,
        members,
        stock_order,
        universe_rule_set <> rule_set
        or label_rule_set <> rule_set
        or purge_rule_set <> rule_set as is_crossed
    from models
)

select * from final
