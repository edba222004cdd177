-- A share with a hole in its sessions would have its look-backs reach too far into the past.
with

bars as (
    select * from {{ ref('fct_bar_daily') }}
),

counted as (
    select
        symbol,
        count(*) as bar_count,
        max(session_number) - min(session_number) + 1 as session_count
    from bars
    group by symbol
)

select * from counted
where bar_count <> session_count
