{{ config(meta={'dagster': {'ref': {'name': 'mart_latest_forecast'}}}) }}
-- A forecast whose run is not in ops.fct_run cannot be traced to its data and configuration.
with

runs as (
    select * from {{ ref('fct_run') }}
),

forecast_runs as (
    select distinct run_id from {{ ref('fct_training_window') }}
    union distinct
    select distinct run_id from {{ ref('fct_rank_ic_week') }}
    union distinct
    select distinct run_id from {{ ref('mart_rank_ic_statistics') }}
),

orphans as (
    select forecast_runs.run_id
    from forecast_runs
    left join runs on forecast_runs.run_id = runs.run_id
    where runs.run_id is null
)

select * from orphans
