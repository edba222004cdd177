-- Which portfolio settings pay? Every back-test of the latest run, best information ratio first.
select
    rule_set,
    model,
    benchmark,
    barra_limit,
    num_stock,
    turnover_limit,
    risk_aversion,
    tracking_error_limit,
    annualised_return,
    annualised_benchmark_return,
    annualised_alpha_return,
    tracking_error,
    information_ratio,
    sharpe_ratio,
    max_drawdown,
    excess_max_drawdown,
    annualised_turnover,
    annualised_cost,
    hit_rate,
    uses_future
from results.mart_latest_backtest
where not is_variant
order by information_ratio desc nulls last
