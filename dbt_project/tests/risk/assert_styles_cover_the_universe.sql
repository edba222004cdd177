{{ config(severity='error' if var('source_is_simulated') else 'warn') }}
-- Once the longest look-back lies in the data, every style has a value for four in five stock-weeks
-- of the practitioner universe. A simulated market feeds all of them; of any other source those are
-- asked for that it feeds at all.
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
    missing_count > 0.2 * stock_count
    and (missing_count < stock_count or {{ var('source_is_simulated') }})
