{{ config(severity='warn') }}

with

universe as (
    select * from {{ ref('fct_universe_week') }}
),

counted as (
    select
        rule_set,
        week_date,
        sum(case when in_universe then 1 else 0 end) as member_count
    from universe
    group by rule_set, week_date
),

compared as (
    select
        *,
        lag(member_count) over (partition by rule_set order by week_date) as member_count_before
    from counted
)

select * from compared
where member_count < 0.5 * member_count_before
