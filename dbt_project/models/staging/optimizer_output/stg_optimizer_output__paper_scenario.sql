with

source as (
    select * from {{ source('optimizer_output', 'paper_scenario') }}
),

renamed as (
    select
        cast(run_id as varchar) as run_id,
        cast(rule_set as varchar) as rule_set,
        cast(paper_scenario as varchar) as paper_scenario,
        cast(model_kind as varchar) as model_kind,
        cast(library as varchar) as library,
        cast(benchmark as varchar) as benchmark,
        cast(barra_limit as double) as barra_limit,
        cast(num_stock as bigint) as num_stock,
        cast(turnover_limit as double) as turnover_limit,
        cast(model as varchar) as model,
        cast(scenario_id as varchar) as scenario_id,
        cast(reason as varchar) as reason
    from source
)

select * from renamed
