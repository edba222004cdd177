with

scenarios as (
    select * from {{ ref('stg_optimizer_output__scenario') }}
),

final as (
    select
        scenario_id,
        run_id,
        rule_set,
        model,
        benchmark,
        benchmark_series,
        barra_limit,
        num_stock,
        turnover_limit,
        industry_limit,
        cost_rate,
        fee_schedule,
        execution_policy,
        adjustment,
        switches,
        capital_cny,
        trading_delay_sessions,
        is_variant,
        risk_aversion,
        tracking_error_limit,
        first_trade_date,
        last_trade_date,
        partition_key,
        uses_future,
        seconds,
        completed_at
    from scenarios
)

select * from final
