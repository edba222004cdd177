with

calendar as (
    select * from {{ ref('stg_landing__trade_calendar') }}
),

daily_bars as (
    select * from {{ ref('stg_landing__daily_bars') }}
),

data_span as (
    select
        min(trade_date) as first_date,
        max(trade_date) as last_date
    from daily_bars
),

-- A natural week is named by its last session. Sessions after the last flagged one belong to a
-- week that the calendar does not show to its end, and carry no week_date.
numbered as (
    select
        trade_date,
        is_last_session_of_week as is_week_end,
        cast(row_number() over (order by trade_date nulls last) as integer) as session_number,
        lag(trade_date) over (order by trade_date) as previous_trade_date,
        lead(trade_date) over (order by trade_date) as next_trade_date,
        min(case when is_last_session_of_week then trade_date end) over (
            order by trade_date
            rows between current row and unbounded following
        ) as week_date,
        max(case when is_last_session_of_week then trade_date end) over (
            order by trade_date
            rows between unbounded preceding and 1 preceding
        ) as previous_week_date
    from calendar
),

final as (
    select
        numbered.trade_date,
        numbered.session_number,
        numbered.week_date,
        numbered.is_week_end,
        numbered.previous_trade_date,
        numbered.next_trade_date,
        numbered.previous_week_date,
        numbered.trade_date between data_span.first_date and data_span.last_date as is_in_data
    from numbered
    cross join data_span
)

select * from final
