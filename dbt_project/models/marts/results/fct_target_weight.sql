with

target_weights as (
    select * from {{ ref('stg_optimizer_output__target_weight') }}
),

sessions as (
    select * from {{ ref('dim_trade_date') }}
),

final as (
    select
        target_weights.scenario_id,
        target_weights.rebalance_date,
        target_weights.symbol,
        target_weights.signal_week_date,
        target_weights.target_weight,
        target_weights.weight_before,
        target_weights.prediction,
        target_weights.expected_return,
        target_weights.signal_age_sessions,
        sessions.previous_trade_date as known_at
    from target_weights
    inner join sessions on target_weights.rebalance_date = sessions.trade_date
)

select * from final
