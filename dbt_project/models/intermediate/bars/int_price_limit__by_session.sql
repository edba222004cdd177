with

price_limits as (
    select * from {{ ref('price_limit') }}
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
        price_limits.limit_rate
    from price_limits
    inner join sessions
        on
            price_limits.valid_from <= sessions.trade_date
            and (price_limits.valid_to is null or price_limits.valid_to >= sessions.trade_date)
)

select * from final
