with

nav_daily as (
    select * from {{ ref('stg_optimizer_output__nav_daily') }}
),

-- The first row is the first decision: all cash, both series at 1, and no return yet.
lagged as (
    select
        scenario_id,
        trade_date,
        nav,
        benchmark_nav,
        lag(nav) over (partition by scenario_id order by trade_date) as previous_nav,
        lag(benchmark_nav) over (
            partition by scenario_id order by trade_date
        ) as previous_benchmark_nav,
        cash_weight,
        cost,
        stamp_duty,
        transfer_fee,
        commission,
        slippage,
        impact,
        dividend,
        turnover,
        holding_count
    from nav_daily
),

final as (
    select
        scenario_id,
        trade_date,
        nav,
        benchmark_nav,
        previous_nav,
        previous_benchmark_nav,
        {{ safe_divide('nav', 'previous_nav') }} - 1 as return_1d,
        {{ safe_divide('benchmark_nav', 'previous_benchmark_nav') }} - 1 as benchmark_return_1d,
        cash_weight,
        cost,
        {{ safe_divide('cost', 'previous_nav') }} as cost_share,
        stamp_duty,
        transfer_fee,
        commission,
        slippage,
        impact,
        dividend,
        turnover,
        holding_count
    from lagged
)

select * from final
