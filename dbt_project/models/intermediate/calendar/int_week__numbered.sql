with

sessions as (
    select * from {{ ref('int_calendar__numbered') }}
),

week_ends as (
    select * from sessions
    where is_week_end
),

final as (
    select
        week_date,
        session_number,
        next_trade_date as next_session_date,
        is_in_data,
        cast(row_number() over (order by week_date nulls last) as integer) as week_number,
        {{ half_year_label('week_date') }} as half_year_window,
        {{ half_year_start('week_date') }} as window_start,
        lead(week_date, 1) over (order by week_date) as end_week_date_1w,
        lead(week_date, 2) over (order by week_date) as end_week_date_2w,
        lead(week_date, 3) over (order by week_date) as end_week_date_3w,
        lead(week_date, 4) over (order by week_date) as end_week_date_4w,
        lead(next_trade_date, 1) over (order by week_date) as exit_session_date_1w,
        lead(next_trade_date, 2) over (order by week_date) as exit_session_date_2w,
        lead(next_trade_date, 3) over (order by week_date) as exit_session_date_3w,
        lead(next_trade_date, 4) over (order by week_date) as exit_session_date_4w
    from week_ends
)

select * from final
