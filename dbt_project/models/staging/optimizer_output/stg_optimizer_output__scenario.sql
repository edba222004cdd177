with

source as (
    select * from {{ source('optimizer_output', 'scenario') }}
),

renamed as (
    select
        cast(scenario_id as varchar) as scenario_id,
        cast(run_id as varchar) as run_id,
        cast(rule_set as varchar) as rule_set,
        cast(model as varchar) as model,
        cast(benchmark as varchar) as benchmark,
        cast(benchmark_series as varchar) as benchmark_series,
        cast(barra_limit as double) as barra_limit,
        cast(num_stock as bigint) as num_stock,
        cast(turnover_limit as double) as turnover_limit,
        cast(industry_limit as double) as industry_limit,
        cast(cost_rate as double) as cost_rate,
        cast(fee_schedule as varchar) as fee_schedule,
        cast(execution_policy as varchar) as execution_policy,
        cast(adjustment as varchar) as adjustment,
        cast(switches as varchar) as switches,
        cast(capital_cny as double) as capital_cny,
        cast(trading_delay_sessions as bigint) as trading_delay_sessions,
        cast(is_variant as boolean) as is_variant,
        cast(risk_aversion as double) as risk_aversion,
        cast(tracking_error_limit as double) as tracking_error_limit,
        cast(first_trade_date as date) as first_trade_date,
        cast(last_trade_date as date) as last_trade_date,
        cast(partition_key as varchar) as partition_key,
        cast(uses_future as boolean) as uses_future,
        cast(completed_at as timestamp) as completed_at,
        cast(seconds as double) as seconds
    from source
)

select * from renamed
