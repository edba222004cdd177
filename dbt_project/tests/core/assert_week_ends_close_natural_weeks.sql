-- A natural week is an ISO week: a week_date must be the last session of its own, and every ISO
-- week but the last of the calendar must have one.
with

sessions as (
    select * from {{ ref('dim_trade_date') }}
),

natural_weeks as (
    select
        {{ dbt.date_trunc('week', 'trade_date') }} as monday,
        max(trade_date) as last_session,
        sum(case when is_week_end then 1 else 0 end) as week_end_count,
        max(case when is_week_end then trade_date end) as flagged_session
    from sessions
    group by {{ dbt.date_trunc('week', 'trade_date') }}
),

last_week as (
    select max(monday) as monday from natural_weeks
)

select natural_weeks.*
from natural_weeks
cross join last_week
where
    natural_weeks.week_end_count > 1
    or natural_weeks.flagged_session <> natural_weeks.last_session
    or (natural_weeks.week_end_count = 0 and natural_weeks.monday < last_week.monday)
