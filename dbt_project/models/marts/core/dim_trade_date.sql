with

sessions as (
    select * from {{ ref('int_calendar__numbered') }}
),

final as (
    select
        trade_date,
        session_number,
        week_date,
        is_week_end,
        previous_trade_date,
        next_trade_date,
        previous_week_date,
        is_in_data
    from sessions
)

select * from final
