{{ config(meta={'dagster': {'ref': {'name': 'fct_nav_daily'}}}) }}
-- The first row is the first decision: nothing traded, nothing paid, both series at 1. Returns and
-- measures count from there.
with

numbered as (
    select
        scenario_id,
        trade_date,
        nav,
        benchmark_nav,
        turnover,
        cost,
        return_1d,
        row_number() over (partition by scenario_id order by trade_date asc) as session_index
    from {{ ref('fct_nav_daily') }}
),

faults as (
    select * from numbered
    where
        (session_index = 1) <> (return_1d is null)
        or (
            session_index = 1
            and (
                abs(nav - 1) > 1e-12
                or abs(benchmark_nav - 1) > 1e-12
                or turnover <> 0
                or cost <> 0
            )
        )
)

select * from faults
