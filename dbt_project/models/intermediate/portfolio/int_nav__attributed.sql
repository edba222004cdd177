with

nav_daily as (
    select * from {{ ref('int_nav__with_returns') }}
),

scenarios as (
    select * from {{ ref('dim_scenario') }}
),

trades as (
    select * from {{ ref('int_trading_day__valued') }}
),

factors as (
    select * from {{ ref('int_factor_day__widened') }}
),

-- Back-tests whose positions are kept; none without a risk model.
attributed as (
    select distinct scenario_id
    from trades
    where exists (select 1 from factors)
),

-- The first purchases come from cash: on that session nothing was held before.
final as (
    select
        nav_daily.*,
        scenarios.benchmark,
        scenarios.capital_cny
    from nav_daily
    inner join attributed on nav_daily.scenario_id = attributed.scenario_id
    inner join scenarios on nav_daily.scenario_id = scenarios.scenario_id
    where nav_daily.return_1d is not null
)

select * from final
