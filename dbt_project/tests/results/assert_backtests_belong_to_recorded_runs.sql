{{ config(meta={'dagster': {'ref': {'name': 'mart_latest_backtest'}}}) }}
-- A back-test whose run is not in ops.fct_run cannot be traced to its data and configuration.
with

runs as (
    select * from {{ ref('fct_run') }}
),

summaries as (
    select * from {{ ref('mart_backtest_summary') }}
),

orphans as (
    select
        summaries.scenario_id,
        summaries.run_id
    from summaries
    left join runs on summaries.run_id = runs.run_id
    where runs.run_id is null
)

select * from orphans
