with

summaries as (
    select * from {{ ref('mart_backtest_summary') }}
),

runs as (
    select * from {{ ref('fct_run') }}
),

final as (
    select
        summaries.scenario_id,
        {{ backtest_settings('summaries') }},
        {{ backtest_measures('summaries') }},
        summaries.uses_future
    from summaries
    inner join runs on summaries.run_id = runs.run_id
    where runs.is_latest
)

select * from final
