with

positions as (
    select * from {{ ref('fct_position') }}
),

sessions as (
    select * from {{ ref('dim_trade_date') }}
),

bars as (
    select * from {{ ref('fct_bar_daily') }}
),

-- What was held after the close of a session earns the return of the next.
final as (
    select
        positions.scenario_id,
        sessions.trade_date,
        positions.symbol,
        positions.weight,
        positions.shares,
        positions.close_price as previous_close_price,
        coalesce(bars.return_1d, 0.0) as return_1d
    from positions
    inner join sessions on positions.trade_date = sessions.previous_trade_date
    left join bars
        on positions.symbol = bars.symbol and sessions.trade_date = bars.trade_date
)

select * from final
