with

fill_reasons as (
    select * from {{ ref('stg_optimizer_output__fill_reason') }}
),

final as (
    select
        scenario_id,
        rebalance_date,
        trade_date,
        symbol,
        reason,
        shortfall_weight,
        trade_date as known_at
    from fill_reasons
)

select * from final
