with

source as (
    select * from {{ source('model_output', 'model') }}
),

renamed as (
    select
        cast(run_id as varchar) as run_id,
        cast(rule_set as varchar) as rule_set,
        cast(model as varchar) as model,
        cast(library as varchar) as library,
        cast(loss as varchar) as loss,
        cast(window_mode as varchar) as window_mode,
        cast(stock_order as varchar) as stock_order,
        cast(universe_rule_set as varchar) as universe_rule_set,
        cast(label_rule_set as varchar) as label_rule_set,
        cast(purge_rule_set as varchar) as purge_rule_set,
        cast(label_convention as varchar) as label_convention,
        cast(seed as bigint) as seed,
        cast(parameters as varchar) as parameters,
        cast(tuning as varchar) as tuning,
        cast(members as varchar) as members
    from source
)

select * from renamed
