with

measured as (
    select * from {{ ref('int_backtest__measured') }}
),

scenarios as (
    select * from {{ ref('dim_scenario') }}
),

final as (
    select
        measured.scenario_id,
        scenarios.run_id,
        scenarios.rule_set,
        scenarios.model,
        scenarios.benchmark,
        scenarios.benchmark_series,
        scenarios.barra_limit,
        scenarios.num_stock,
        scenarios.turnover_limit,
        scenarios.industry_limit,
        scenarios.cost_rate,
        scenarios.execution_policy,
        scenarios.adjustment,
        measured.first_session,
        measured.last_session,
        measured.session_count,
        measured.total_return,
        measured.benchmark_return,
        measured.annualised_return,
        measured.annualised_benchmark_return,
        measured.annualised_alpha_return,
        measured.annualised_volatility,
        measured.tracking_error,
        measured.sharpe_ratio,
        measured.information_ratio,
        measured.max_drawdown,
        measured.excess_max_drawdown,
        measured.annualised_turnover,
        measured.total_cost,
        measured.annualised_cost,
        measured.hit_rate,
        measured.mean_cash_weight,
        measured.mean_holding_count,
        scenarios.uses_future
    from measured
    inner join scenarios on measured.scenario_id = scenarios.scenario_id
    where measured.measured_period = 'total'
)

select * from final
