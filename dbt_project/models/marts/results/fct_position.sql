with

positions as (
    select * from {{ ref('stg_optimizer_output__position') }}
),

final as (
    select
        scenario_id,
        trade_date,
        symbol,
        shares,
        close_price,
        value_cny,
        weight,
        is_tradable,
        trade_date as known_at
    from positions
)

select * from final
