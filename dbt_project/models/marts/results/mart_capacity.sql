with

summaries as (
    select * from {{ ref('mart_backtest_summary') }}
),

shortfalls as (
    select * from {{ ref('int_shortfall__by_scenario') }}
),

numbered as (
    select
        summaries.*,
        count(*) over same_portfolio as size_count,
        first_value(annualised_alpha_return) over (
            partition by
                run_id, rule_set, model, benchmark, barra_limit, num_stock, turnover_limit,
                industry_limit, cost_rate, fee_schedule, execution_policy, adjustment,
                risk_aversion, tracking_error_limit
            order by trading_delay_sessions asc nulls last, capital_cny asc nulls last
        ) as smallest_alpha
    from summaries
    where switches = ''
    window same_portfolio as (
        partition by
            run_id, rule_set, model, benchmark, barra_limit, num_stock, turnover_limit,
            industry_limit, cost_rate, fee_schedule, execution_policy, adjustment,
            risk_aversion, tracking_error_limit
    )
),

final as (
    select
        numbered.scenario_id,
        numbered.run_id,
        numbered.rule_set,
        numbered.model,
        numbered.benchmark,
        numbered.barra_limit,
        numbered.num_stock,
        numbered.turnover_limit,
        numbered.capital_cny,
        numbered.trading_delay_sessions,
        numbered.annualised_alpha_return,
        numbered.annualised_alpha_return - numbered.smallest_alpha as alpha_lost,
        numbered.information_ratio,
        numbered.annualised_cost,
        numbered.annualised_turnover,
        numbered.mean_cash_weight,
        shortfalls.unfilled_share,
        shortfalls.volume_capped_share
    from numbered
    left join shortfalls on numbered.scenario_id = shortfalls.scenario_id
    where numbered.size_count > 1
)

select * from final
