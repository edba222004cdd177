{{ config(meta={'dagster': {'ref': {'name': 'mart_pnl_attribution'}}}) }}
-- Linked parts are the return of the back-test, whole and by year, over all of its sessions.
with

attribution as (
    select * from {{ ref('mart_pnl_attribution') }}
),

summaries as (
    select * from {{ ref('mart_backtest_summary') }}
),

years as (
    select * from {{ ref('mart_backtest_year') }}
),

nav_daily as (
    select * from {{ ref('fct_nav_daily') }}
    where return_1d is not null
),

measured as (
    select
        scenario_id,
        'total' as attribution_period,
        total_return
    from summaries
    union all
    select
        scenario_id,
        cast(trade_year as {{ dbt.type_string() }}) as attribution_period,
        total_return
    from years
),

counted as (
    select
        scenario_id,
        'total' as attribution_period,
        count(*) as session_count
    from nav_daily
    group by scenario_id
    union all
    select
        scenario_id,
        cast(extract(year from trade_date) as {{ dbt.type_string() }}) as attribution_period,
        count(*) as session_count
    from nav_daily
    group by scenario_id, extract(year from trade_date)
),

linked as (
    select
        scenario_id,
        attribution_period,
        sum(contribution) as linked_return,
        min(session_count) as fewest_sessions,
        max(session_count) as most_sessions
    from attribution
    group by scenario_id, attribution_period
)

select
    measured.scenario_id,
    measured.attribution_period,
    measured.total_return,
    linked.linked_return,
    counted.session_count,
    linked.fewest_sessions
from measured
inner join counted
    on
        measured.scenario_id = counted.scenario_id
        and measured.attribution_period = counted.attribution_period
left join linked
    on
        measured.scenario_id = linked.scenario_id
        and measured.attribution_period = linked.attribution_period
where
    measured.scenario_id in (select attribution.scenario_id from attribution)
    and (
        linked.linked_return is null
        or abs(linked.linked_return - measured.total_return) > 1e-9
        or linked.fewest_sessions <> counted.session_count
        or linked.most_sessions <> counted.session_count
    )
