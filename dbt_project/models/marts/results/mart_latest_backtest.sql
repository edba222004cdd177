with

summaries as (
    select * from {{ ref('mart_backtest_summary') }}
),

runs as (
    select * from {{ ref('fct_run') }}
),

final as (
    select
        summaries.scenario_id,
        summaries.run_id,
        summaries.rule_set,
        summaries.model,
        summaries.benchmark,
        summaries.benchmark_series,
        summaries.barra_limit,
        summaries.num_stock,
        summaries.turnover_limit,
        summaries.industry_limit,
        summaries.cost_rate,
        summaries.execution_policy,
        summaries.adjustment,
        summaries.first_session,
        summaries.last_session,
        summaries.session_count,
        summaries.total_return,
        summaries.benchmark_return,
        summaries.annualised_return,
        summaries.annualised_benchmark_return,
        summaries.annualised_alpha_return,
        summaries.annualised_volatility,
        summaries.tracking_error,
        summaries.sharpe_ratio,
        summaries.information_ratio,
        summaries.max_drawdown,
        summaries.excess_max_drawdown,
        summaries.annualised_turnover,
        summaries.total_cost,
        summaries.annualised_cost,
        summaries.hit_rate,
        summaries.mean_cash_weight,
        summaries.mean_holding_count,
        summaries.uses_future
    from summaries
    inner join runs on summaries.run_id = runs.run_id
    where runs.is_latest
)

select * from final
