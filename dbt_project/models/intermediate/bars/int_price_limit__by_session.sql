with

price_limits as (
    select * from {{ ref('price_limit') }}
),

trading_units as (
    select * from {{ ref('trading_unit') }}
),

sessions as (
    select * from {{ ref('int_calendar__numbered') }}
    where is_in_data
),

final as (
    select
        price_limits.board,
        price_limits.is_st,
        sessions.session_number,
        price_limits.limit_rate,
        trading_units.tick_cny
    from price_limits
    inner join sessions on {{ in_force('price_limits', 'sessions.trade_date') }}
    inner join trading_units
        on
            price_limits.board = trading_units.board
            and {{ in_force('trading_units', 'sessions.trade_date') }}
)

select * from final
