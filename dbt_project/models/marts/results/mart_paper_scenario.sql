with

of_study as (
    select * from {{ ref('stg_optimizer_output__paper_scenario') }}
),

scenarios as (
    select * from {{ ref('dim_scenario') }}
),

final as (
    select
        of_study.run_id,
        of_study.rule_set,
        of_study.paper_scenario,
        of_study.model_kind,
        of_study.barra_limit,
        of_study.num_stock,
        of_study.turnover_limit,
        of_study.benchmark,
        of_study.library,
        of_study.model,
        of_study.scenario_id,
        scenarios.first_trade_date,
        scenarios.last_trade_date,
        of_study.reason
    from of_study
    left join scenarios on of_study.scenario_id = scenarios.scenario_id
)

select * from final
