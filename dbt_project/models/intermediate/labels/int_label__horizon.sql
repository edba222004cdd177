with

weeks as (
    select * from {{ ref('int_week__numbered') }}
    where is_in_data and {{ in_label_weeks('week_date') }}
),

sessions as (
    select * from {{ ref('int_calendar__numbered') }}
    where is_in_data
),

close_ends as (
    select
        week_date,
        'close' as label_convention,
        end_week_date_1w as end_date_1w,
        end_week_date_2w as end_date_2w,
        end_week_date_3w as end_date_3w,
        end_week_date_4w as end_date_4w
    from weeks
),

vwap_ends as (
    select
        week_date,
        'vwap' as label_convention,
        exit_session_date_1w as end_date_1w,
        exit_session_date_2w as end_date_2w,
        exit_session_date_3w as end_date_3w,
        exit_session_date_4w as end_date_4w
    from weeks
),

ends as (
    select * from close_ends
    union all
    select * from vwap_ends
),

stacked as (
    select
        week_date,
        label_convention,
        1 as horizon_weeks,
        end_date_1w as end_date
    from ends

    union all

    select
        week_date,
        label_convention,
        2 as horizon_weeks,
        end_date_2w as end_date
    from ends

    union all

    select
        week_date,
        label_convention,
        3 as horizon_weeks,
        end_date_3w as end_date
    from ends

    union all

    select
        week_date,
        label_convention,
        4 as horizon_weeks,
        end_date_4w as end_date
    from ends
),

-- An end after the data is no end: end_date stays NULL.
final as (
    select
        stacked.week_date,
        stacked.label_convention,
        stacked.horizon_weeks,
        sessions.trade_date as end_date
    from stacked
    left join sessions on stacked.end_date = sessions.trade_date
)

select * from final
