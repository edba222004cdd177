with

fills as (
    select * from {{ ref('stg_optimizer_output__fill') }}
),

final as (
    select
        scenario_id,
        rebalance_date,
        trade_date,
        symbol,
        reason,
        weight_before,
        target_weight,
        filled_weight,
        shortfall_weight,
        traded_shares,
        traded_value,
        fill_price,
        cost,
        stamp_duty,
        transfer_fee,
        commission,
        slippage,
        impact,
        trade_date as known_at
    from fills
)

select * from final
