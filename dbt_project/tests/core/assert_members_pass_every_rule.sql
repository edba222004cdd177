-- Asked again without the order of the rules: whoever is in the universe breaks none.
with

universe as (
    select * from {{ ref('fct_universe_week') }}
    where in_universe
),

rules as (
    select * from {{ ref('int_universe_rule__chosen') }}
)

select
    universe.rule_set,
    universe.symbol,
    universe.week_date
from universe
inner join rules on universe.rule_set = rules.rule_set
where
    universe.is_st
    or universe.industry_code is null
    or universe.neutralisation_cap_cny is null
    or universe.sessions_since_listing < rules.minimum_listed_sessions
    or (rules.minimum_listed_months >= 3 and universe.sessions_since_listing < 50)
    or (rules.suspension_judged_on = 'week_date' and universe.is_suspended)
    or (rules.suspension_judged_on = 'next_session' and universe.fwd_is_suspended)
