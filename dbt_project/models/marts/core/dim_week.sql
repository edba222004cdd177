with

weeks as (
    select * from {{ ref('int_week__numbered') }}
),

final as (
    select
        week_date,
        week_number,
        session_number,
        next_session_date,
        is_in_data,
        half_year_window,
        window_start,
        end_week_date_1w,
        end_week_date_2w,
        end_week_date_3w,
        end_week_date_4w,
        exit_session_date_1w,
        exit_session_date_2w,
        exit_session_date_3w,
        exit_session_date_4w
    from weeks
)

select * from final
