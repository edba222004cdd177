with

nav_days as (
    select * from {{ ref('fct_nav_daily') }}
),

weeks as (
    select * from {{ ref('dim_week') }}
),

starts as (
    select
        scenario_id,
        min(trade_date) as first_trade_date
    from nav_days
    group by scenario_id
),

-- The first decision is the origin of the first return, in the middle of a week or not.
kept as (
    select
        nav_days.scenario_id,
        nav_days.trade_date as week_date,
        nav_days.nav,
        nav_days.nav / nav_days.benchmark_nav as relative_nav
    from nav_days
    inner join starts on nav_days.scenario_id = starts.scenario_id
    left join weeks on nav_days.trade_date = weeks.week_date
    where weeks.week_date is not null or nav_days.trade_date = starts.first_trade_date
),

measured as (
    select
        scenario_id,
        week_date,
        nav / lag(nav) over (
            partition by scenario_id
            order by week_date
        ) - 1 as nav_return,
        relative_nav / lag(relative_nav) over (
            partition by scenario_id
            order by week_date
        ) - 1 as excess_return
    from kept
),

final as (
    select
        scenario_id,
        week_date,
        nav_return,
        excess_return
    from measured
    where nav_return is not null
)

select * from final
