with

measured as (
    select * from {{ ref('int_backtest__measured') }}
),

scenarios as (
    select * from {{ ref('dim_scenario') }}
),

final as (
    select
        measured.scenario_id,
        {{ backtest_settings('scenarios') }},
        {{ backtest_measures('measured') }},
        scenarios.uses_future
    from measured
    inner join scenarios on measured.scenario_id = scenarios.scenario_id
    where measured.measured_period = 'total'
)

select * from final
