with

shadow_prices as (
    select * from {{ ref('stg_optimizer_output__shadow_price') }}
),

sessions as (
    select * from {{ ref('dim_trade_date') }}
),

final as (
    select
        shadow_prices.scenario_id,
        shadow_prices.rebalance_date,
        shadow_prices.constraint_name,
        shadow_prices.constraint_group,
        shadow_prices.relaxation_step,
        shadow_prices.is_active,
        shadow_prices.dual,
        shadow_prices.slack,
        shadow_prices.violation,
        sessions.previous_trade_date as known_at
    from shadow_prices
    inner join sessions on shadow_prices.rebalance_date = sessions.trade_date
)

select * from final
