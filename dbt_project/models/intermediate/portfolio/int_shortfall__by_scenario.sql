with

orders as (
    select * from {{ ref('stg_optimizer_output__order') }}
),

fill_reasons as (
    select * from {{ ref('stg_optimizer_output__fill_reason') }}
),

ordered as (
    select
        scenario_id,
        sum(abs(order_weight)) as ordered_weight
    from orders
    group by scenario_id
),

-- Only the session of the adjustment: what is tried again would count several times.
short as (
    select
        scenario_id,
        sum(abs(shortfall_weight)) as short_weight,
        sum(case when reason = 'volume_cap' then abs(shortfall_weight) else 0.0 end)
            as capped_weight
    from fill_reasons
    where rebalance_date = trade_date
    group by scenario_id
),

final as (
    select
        ordered.scenario_id,
        {{ safe_divide('coalesce(short.short_weight, 0.0)', 'ordered.ordered_weight') }}
            as unfilled_share,
        {{ safe_divide('coalesce(short.capped_weight, 0.0)', 'ordered.ordered_weight') }}
            as volume_capped_share
    from ordered
    left join short on ordered.scenario_id = short.scenario_id
)

select * from final
