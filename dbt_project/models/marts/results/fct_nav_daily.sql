with

nav_with_returns as (
    select * from {{ ref('int_nav__with_returns') }}
),

nav_by_period as (
    select * from {{ ref('int_nav__by_period') }}
),

final as (
    select
        nav_with_returns.scenario_id,
        nav_with_returns.trade_date,
        nav_with_returns.nav,
        nav_with_returns.benchmark_nav,
        nav_with_returns.return_1d,
        nav_with_returns.benchmark_return_1d,
        coalesce(nav_by_period.drawdown, 0.0) as drawdown,
        coalesce(nav_by_period.excess_drawdown, 0.0) as excess_drawdown,
        nav_with_returns.cash_weight,
        nav_with_returns.cost,
        nav_with_returns.stamp_duty,
        nav_with_returns.transfer_fee,
        nav_with_returns.commission,
        nav_with_returns.slippage,
        nav_with_returns.impact,
        nav_with_returns.dividend,
        nav_with_returns.turnover,
        nav_with_returns.holding_count,
        nav_with_returns.trade_date as known_at
    from nav_with_returns
    left join nav_by_period
        on
            nav_with_returns.scenario_id = nav_by_period.scenario_id
            and nav_with_returns.trade_date = nav_by_period.trade_date
            and nav_by_period.measured_period = 'total'
)

select * from final
