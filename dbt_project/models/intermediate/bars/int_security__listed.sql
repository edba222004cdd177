with

instruments as (
    select * from {{ ref('stg_landing__instruments') }}
),

sessions as (
    select * from {{ ref('int_calendar__numbered') }}
),

calendar_span as (
    select
        min(trade_date) as first_calendar_date,
        min(case when is_in_data then trade_date end) as first_data_date,
        max(case when is_in_data then trade_date end) as last_data_date
    from sessions
),

first_sessions as (
    select
        instruments.symbol,
        min(sessions.session_number) as first_session_number
    from instruments
    inner join sessions on instruments.list_date <= sessions.trade_date
    group by instruments.symbol
),

spanned as (
    select
        instruments.symbol,
        instruments.board,
        instruments.list_date,
        instruments.delist_date,
        greatest(instruments.list_date, calendar_span.first_data_date) as first_bar_date,
        least(
            coalesce(instruments.delist_date, calendar_span.last_data_date),
            calendar_span.last_data_date
        ) as last_bar_date,
        {{ dbt.datediff('instruments.list_date', 'calendar_span.first_calendar_date', 'day') }}
            as days_before_calendar,
        first_sessions.first_session_number
    from instruments
    cross join calendar_span
    inner join first_sessions on instruments.symbol = first_sessions.symbol
),

-- Sessions before the calendar begins are not known one by one: 244 a year stand in for them.
final as (
    select
        symbol,
        board,
        list_date,
        delist_date,
        first_bar_date,
        last_bar_date,
        first_session_number
        - cast(floor(greatest(days_before_calendar, 0) * 244 / 365.25) as integer)
            as listing_session_number
    from spanned
)

select * from final
