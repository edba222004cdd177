with

fills as (
    select * from {{ ref('fct_fill') }}
),

bars as (
    select * from {{ ref('fct_bar_daily') }}
),

held as (
    select * from {{ ref('int_holding__by_session') }}
),

positions as (
    select * from {{ ref('fct_position') }}
),

traded as (
    select
        scenario_id,
        trade_date,
        symbol,
        sum(traded_shares) as traded_shares,
        sum(traded_shares * fill_price) as paid_cny
    from fills
    where traded_shares <> 0
    group by scenario_id, trade_date, symbol
),

-- A share without a bar that session has left the exchange: its last price stands.
priced as (
    select
        traded.scenario_id,
        traded.trade_date,
        traded.traded_shares
        * coalesce(
            {{ safe_divide('bars.adj_close', 'bars.adj_factor') }}, held.previous_close_price
        ) as traded_at_close_cny,
        traded.paid_cny
    from traded
    left join bars
        on traded.symbol = bars.symbol and traded.trade_date = bars.trade_date
    left join held
        on
            traded.scenario_id = held.scenario_id
            and traded.trade_date = held.trade_date
            and traded.symbol = held.symbol
),

by_trading as (
    select
        scenario_id,
        trade_date,
        sum(traded_at_close_cny) as traded_at_close_cny,
        sum(paid_cny) as paid_cny
    from priced
    group by scenario_id, trade_date
),

by_holding as (
    select
        scenario_id,
        trade_date,
        sum(shares * previous_close_price) as previous_value_cny
    from held
    group by scenario_id, trade_date
),

by_position as (
    select
        scenario_id,
        trade_date,
        sum(value_cny) as value_cny
    from positions
    group by scenario_id, trade_date
),

-- All that was held may be sold in a session: it has a value before and none after.
days as (
    select
        scenario_id,
        trade_date
    from by_position
    union distinct
    select
        scenario_id,
        trade_date
    from by_holding
    union distinct
    select
        scenario_id,
        trade_date
    from by_trading
),

final as (
    select
        days.scenario_id,
        days.trade_date,
        coalesce(by_position.value_cny, 0.0) as value_cny,
        coalesce(by_holding.previous_value_cny, 0.0) as previous_value_cny,
        coalesce(by_trading.traded_at_close_cny, 0.0) as traded_at_close_cny,
        coalesce(by_trading.paid_cny, 0.0) as paid_cny
    from days
    left join by_position
        on
            days.scenario_id = by_position.scenario_id
            and days.trade_date = by_position.trade_date
    left join by_holding
        on
            days.scenario_id = by_holding.scenario_id
            and days.trade_date = by_holding.trade_date
    left join by_trading
        on
            days.scenario_id = by_trading.scenario_id
            and days.trade_date = by_trading.trade_date
)

select * from final
