with

shadow_prices as (
    select * from {{ ref('stg_optimizer_output__shadow_price') }}
),

sessions as (
    select * from {{ ref('dim_trade_date') }}
),

scenarios as (
    select * from {{ ref('dim_scenario') }}
),

-- Only forecasts of practitioner are returns; a prediction of paper has no basis points.
limits as (
    select
        scenario_id,
        case when rule_set = 'practitioner' then 1e4 end as bps,
        barra_limit,
        industry_limit,
        turnover_limit,
        tracking_error_limit
    from scenarios
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
        limits.bps
        * shadow_prices.dual
        * case shadow_prices.constraint_group
            when 'style' then limits.barra_limit
            when 'industry' then limits.industry_limit
            when 'turnover' then limits.turnover_limit
            when 'tracking_error' then limits.tracking_error_limit
        end as cost_per_rebalance_bps,
        sessions.previous_trade_date as known_at
    from shadow_prices
    inner join sessions on shadow_prices.rebalance_date = sessions.trade_date
    left join limits on shadow_prices.scenario_id = limits.scenario_id
)

select * from final
