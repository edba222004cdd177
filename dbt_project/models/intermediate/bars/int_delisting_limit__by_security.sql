with

instruments as (
    select * from {{ ref('stg_landing__instruments') }}
),

sessions as (
    select * from {{ ref('int_calendar__numbered') }}
),

delisting_periods as (
    select * from {{ ref('delisting_period') }}
),

first_sessions as (
    select
        instruments.symbol,
        instruments.board,
        instruments.delisting_period_start_date,
        min(sessions.session_number) as first_session_number
    from instruments
    inner join sessions on instruments.delisting_period_start_date <= sessions.trade_date
    group by instruments.symbol, instruments.board, instruments.delisting_period_start_date
),

final as (
    select
        first_sessions.symbol,
        first_sessions.first_session_number,
        first_sessions.first_session_number + delisting_periods.unlimited_sessions
            as first_limited_session_number,
        delisting_periods.limit_rate
    from first_sessions
    inner join delisting_periods
        on
            first_sessions.board = delisting_periods.board
            and {{ in_force('delisting_periods', 'first_sessions.delisting_period_start_date') }}
)

select * from final
