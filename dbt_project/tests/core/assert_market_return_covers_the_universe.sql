-- Once there is a universe, every later session of the data has a market return: betas need it.
with

sessions as (
    select * from {{ ref('dim_trade_date') }}
    where is_in_data
),

market_returns as (
    select * from {{ ref('int_market_return__daily') }}
),

first_member_week as (
    select min(week_date) as week_date
    from {{ ref('fct_universe_week') }}
    where rule_set = 'practitioner' and in_universe
)

select sessions.trade_date
from sessions
cross join first_member_week
left join market_returns on sessions.trade_date = market_returns.trade_date
where
    sessions.previous_week_date >= first_member_week.week_date
    and market_returns.market_return is null
