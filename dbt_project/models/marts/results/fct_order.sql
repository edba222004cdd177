with

orders as (
    select * from {{ ref('stg_optimizer_output__order') }}
),

sessions as (
    select * from {{ ref('dim_trade_date') }}
),

final as (
    select
        orders.scenario_id,
        orders.rebalance_date,
        orders.symbol,
        orders.side,
        orders.order_weight,
        sessions.previous_trade_date as known_at
    from orders
    inner join sessions on orders.rebalance_date = sessions.trade_date
)

select * from final
