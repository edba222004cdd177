with

models as (
    select * from {{ ref('int_model__grouped') }}
    where not is_crossed
),

-- Seeds are compared one by one and, where there are several, in their mean.
final as (
    select
        run_id,
        rule_set,
        model,
        library,
        parameters
    from models
    union all
    select
        run_id,
        rule_set,
        model_family as model,
        min(library) as library,
        min(parameters) as parameters
    from models
    group by run_id, rule_set, model_family
    having count(*) > 1
)

select * from final
