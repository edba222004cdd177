-- Asked again without the order of the rules: whoever is in the universe breaks none.
with

universe as (
    select * from {{ ref('fct_universe_week') }}
    where in_universe
)

select
    rule_set,
    symbol,
    week_date
from universe
where
    is_st
    or industry_code is null
    or neutralisation_cap_cny is null
    or (rule_set = 'practitioner' and (is_suspended or sessions_since_listing < 120))
    or (rule_set = 'paper' and (fwd_is_suspended or sessions_since_listing < 50))
