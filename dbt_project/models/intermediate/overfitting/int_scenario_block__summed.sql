with

nav_daily as (
    select * from {{ ref('int_nav__with_returns') }}
),

scenarios as (
    select * from {{ ref('dim_scenario') }}
),

excess_returns as (
    select
        scenarios.run_id,
        scenarios.rule_set,
        scenarios.benchmark,
        scenarios.scenario_id,
        nav_daily.trade_date,
        nav_daily.return_1d - nav_daily.benchmark_return_1d as excess_return_1d
    from nav_daily
    inner join scenarios on nav_daily.scenario_id = scenarios.scenario_id
    -- Portfolios by rule are no strategies that anybody chose among.
    where
        nav_daily.return_1d is not null
        and scenarios.model not like 'baseline-%'
        and not scenarios.is_variant
),

scenario_counts as (
    select
        run_id,
        rule_set,
        benchmark,
        count(distinct scenario_id) as scenario_count
    from excess_returns
    group by run_id, rule_set, benchmark
),

-- Strategies are compared on the sessions that all of them have.
common_sessions as (
    select
        excess_returns.run_id,
        excess_returns.rule_set,
        excess_returns.benchmark,
        excess_returns.trade_date
    from excess_returns
    inner join scenario_counts
        on
            excess_returns.run_id = scenario_counts.run_id
            and excess_returns.rule_set = scenario_counts.rule_set
            and excess_returns.benchmark = scenario_counts.benchmark
    group by
        excess_returns.run_id,
        excess_returns.rule_set,
        excess_returns.benchmark,
        excess_returns.trade_date
    having count(*) = max(scenario_counts.scenario_count)
),

numbered as (
    select
        common_sessions.*,
        row_number() over (
            partition by run_id, rule_set, benchmark order by trade_date asc nulls last
        ) - 1 as session_position,
        count(*) over (partition by run_id, rule_set, benchmark) as session_count
    from common_sessions
),

in_blocks as (
    select
        run_id,
        rule_set,
        benchmark,
        trade_date,
        cast(floor(session_position * 10.0 / session_count) as integer) as block
    from numbered
),

final as (
    select
        excess_returns.run_id,
        excess_returns.rule_set,
        excess_returns.benchmark,
        excess_returns.scenario_id,
        in_blocks.block,
        count(*) as session_count,
        sum(excess_returns.excess_return_1d) as sum_excess,
        sum(excess_returns.excess_return_1d * excess_returns.excess_return_1d)
            as sum_squared_excess,
        max(in_blocks.trade_date) as last_session
    from excess_returns
    inner join in_blocks
        on
            excess_returns.run_id = in_blocks.run_id
            and excess_returns.rule_set = in_blocks.rule_set
            and excess_returns.benchmark = in_blocks.benchmark
            and excess_returns.trade_date = in_blocks.trade_date
    group by
        excess_returns.run_id,
        excess_returns.rule_set,
        excess_returns.benchmark,
        excess_returns.scenario_id,
        in_blocks.block
)

select * from final
