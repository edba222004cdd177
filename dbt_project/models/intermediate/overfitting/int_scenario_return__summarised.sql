with

nav_daily as (
    select * from {{ ref('int_nav__with_returns') }}
),

excess_returns as (
    select
        scenario_id,
        trade_date,
        return_1d - benchmark_return_1d as excess_return_1d
    from nav_daily
    where return_1d is not null
),

averaged as (
    select
        scenario_id,
        count(*) as session_count,
        max(trade_date) as last_session,
        avg(excess_return_1d) as mean_excess_1d,
        stddev_pop(excess_return_1d) as std_excess_1d
    from excess_returns
    group by scenario_id
),

standardised as (
    select
        averaged.scenario_id,
        {{ safe_divide(
            'excess_returns.excess_return_1d - averaged.mean_excess_1d', 'averaged.std_excess_1d'
        ) }} as z
    from excess_returns
    inner join averaged on excess_returns.scenario_id = averaged.scenario_id
),

shaped as (
    select
        scenario_id,
        avg(z * z * z) as skewness,
        avg(z * z * z * z) as kurtosis
    from standardised
    group by scenario_id
),

final as (
    select
        averaged.scenario_id,
        averaged.session_count,
        averaged.last_session,
        {{ safe_divide('averaged.mean_excess_1d', 'averaged.std_excess_1d') }} as sharpe_1d,
        shaped.skewness,
        shaped.kurtosis
    from averaged
    inner join shaped on averaged.scenario_id = shaped.scenario_id
)

select * from final
