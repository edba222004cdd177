{{ config(severity='warn') }}
-- Once the longest look-back lies in the data, every style that the source feeds has a value for
-- four in five stock-weeks of the practitioner universe.
with

coverage as (
    select * from {{ ref('fct_style_coverage') }}
),

weeks as (
    select * from {{ ref('dim_week') }}
    where is_in_data
),

start_of_data as (
    select min(session_number) as first_session_number from weeks
),

settled as (
    select coverage.*
    from coverage
    inner join weeks on coverage.week_date = weeks.week_date
    inner join start_of_data
        on weeks.session_number >= start_of_data.first_session_number + 525
),

counted as (
    select
        style,
        sum(universe_missing_count) as missing_count,
        sum(universe_count) as stock_count
    from settled
    group by style
)

select * from counted
where
    missing_count < stock_count
    and missing_count > 0.2 * stock_count
