{{ config(meta={'dagster': {'ref': {'name': 'mart_backtest_year'}}}) }}
-- Calendar years chain to the whole span, in return, sessions and costs.
with

years as (
    select
        scenario_id,
        sum(session_count) as session_count,
        sum(total_cost) as total_cost,
        sum(ln(1 + total_return)) as log_growth,
        sum(ln(1 + benchmark_return)) as benchmark_log_growth
    from {{ ref('mart_backtest_year') }}
    group by scenario_id
),

summaries as (
    select * from {{ ref('mart_backtest_summary') }}
),

faults as (
    select
        summaries.scenario_id,
        summaries.session_count,
        years.session_count as session_count_of_years,
        summaries.total_return,
        years.log_growth
    from summaries
    left join years on summaries.scenario_id = years.scenario_id
    where
        years.scenario_id is null
        or years.session_count <> summaries.session_count
        or abs(years.total_cost - summaries.total_cost) > 1e-9
        or abs(years.log_growth - ln(1 + summaries.total_return)) > 1e-9
        or abs(years.benchmark_log_growth - ln(1 + summaries.benchmark_return)) > 1e-9
)

select * from faults
