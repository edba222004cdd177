with

nav_daily as (
    select * from {{ ref('int_nav__with_returns') }}
),

-- Every session with a return counts twice: in the whole span and in its calendar year.
whole_span as (
    select
        nav_daily.*,
        'total' as measured_period
    from nav_daily
    where return_1d is not null
),

calendar_years as (
    select
        nav_daily.*,
        cast(extract(year from trade_date) as {{ dbt.type_string() }}) as measured_period
    from nav_daily
    where return_1d is not null
),

both_periods as (
    select * from whole_span
    union all
    select * from calendar_years
),

with_ends as (
    select
        scenario_id,
        measured_period,
        trade_date,
        nav,
        benchmark_nav,
        return_1d,
        benchmark_return_1d,
        cash_weight,
        cost,
        cost_share,
        turnover,
        holding_count,
        first_value(previous_nav) over period_sessions as start_nav,
        first_value(previous_benchmark_nav) over period_sessions as start_benchmark_nav,
        last_value(nav) over period_sessions as end_nav,
        last_value(benchmark_nav) over period_sessions as end_benchmark_nav
    from both_periods
    window
        period_sessions as (
            partition by scenario_id, measured_period
            order by trade_date
            rows between unbounded preceding and unbounded following
        )
),

with_peaks as (
    select
        with_ends.*,
        greatest(
            start_nav,
            max(nav) over (
                partition by scenario_id, measured_period
                order by trade_date
                rows between unbounded preceding and current row
            )
        ) as peak_nav,
        greatest(
            {{ safe_divide('start_nav', 'start_benchmark_nav') }},
            max({{ safe_divide('nav', 'benchmark_nav') }}) over (
                partition by scenario_id, measured_period
                order by trade_date
                rows between unbounded preceding and current row
            )
        ) as peak_relative_nav
    from with_ends
),

final as (
    select
        scenario_id,
        measured_period,
        trade_date,
        start_nav,
        start_benchmark_nav,
        end_nav,
        end_benchmark_nav,
        return_1d,
        benchmark_return_1d,
        {{ safe_divide('nav', 'peak_nav') }} - 1 as drawdown,
        {{ safe_divide(safe_divide('nav', 'benchmark_nav'), 'peak_relative_nav') }} - 1
            as excess_drawdown,
        cash_weight,
        cost,
        cost_share,
        turnover,
        holding_count
    from with_peaks
)

select * from final
