with

nav_by_period as (
    select * from {{ ref('int_nav__by_period') }}
),

aggregated as (
    select
        scenario_id,
        measured_period,
        min(trade_date) as first_session,
        max(trade_date) as last_session,
        count(*) as session_count,
        max(end_nav / start_nav) as growth,
        max(end_benchmark_nav / start_benchmark_nav) as benchmark_growth,
        avg(return_1d) as mean_return_1d,
        stddev_samp(return_1d) as std_return_1d,
        avg(return_1d - benchmark_return_1d) as mean_excess_1d,
        stddev_samp(return_1d - benchmark_return_1d) as std_excess_1d,
        min(drawdown) as max_drawdown,
        min(excess_drawdown) as excess_max_drawdown,
        sum(turnover) as total_turnover,
        sum(cost) as total_cost,
        sum(cost_share) as total_cost_share,
        avg(case when return_1d > benchmark_return_1d then 1.0 else 0.0 end) as hit_rate,
        avg(cash_weight) as mean_cash_weight,
        avg(holding_count) as mean_holding_count
    from nav_by_period
    group by scenario_id, measured_period
),

-- A risk-free rate per year becomes one per session by compounding.
with_rates as (
    select
        aggregated.*,
        244.0 / session_count as years_inverse,
        power(1.0 + {{ var('risk_free_rate', 0.0) }}, 1.0 / 244) - 1 as risk_free_return_1d
    from aggregated
),

final as (
    select
        scenario_id,
        measured_period,
        first_session,
        last_session,
        session_count,
        growth - 1 as total_return,
        benchmark_growth - 1 as benchmark_return,
        power(growth, years_inverse) - 1 as annualised_return,
        power(benchmark_growth, years_inverse) - 1 as annualised_benchmark_return,
        power(growth / benchmark_growth, years_inverse) - 1 as annualised_alpha_return,
        std_return_1d * sqrt(244) as annualised_volatility,
        std_excess_1d * sqrt(244) as tracking_error,
        {{ safe_divide('mean_return_1d - risk_free_return_1d', 'std_return_1d') }} * sqrt(244)
            as sharpe_ratio,
        {{ safe_divide('mean_excess_1d', 'std_excess_1d') }} * sqrt(244) as information_ratio,
        max_drawdown,
        excess_max_drawdown,
        total_turnover * years_inverse as annualised_turnover,
        total_cost,
        total_cost_share * years_inverse as annualised_cost,
        hit_rate,
        mean_cash_weight,
        mean_holding_count
    from with_rates
)

select * from final
