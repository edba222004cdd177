{{ config(meta={'dagster': {'ref': {'name': 'mart_backtest_summary'}}}) }}
-- The measures of a back-test come from one series each: identities between them must hold.
with

summaries as (
    select * from {{ ref('mart_backtest_summary') }}
),

faults as (
    select *
    from summaries
    where
        abs(
            (1 + annualised_return)
            - (1 + annualised_alpha_return) * (1 + annualised_benchmark_return)
        ) > 1e-9 * (1 + annualised_return)
        or abs(
            power(1 + annualised_return, session_count / 244.0) - (1 + total_return)
        ) > 1e-9 * (1 + total_return)
        or max_drawdown > least(0, total_return) + 1e-12
        or excess_max_drawdown
        > least(0, (1 + total_return) / (1 + benchmark_return) - 1) + 1e-12
        or last_session < first_session
)

select * from faults
