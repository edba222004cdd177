-- How large is the universe through time, and what keeps shares out of it?
select
    rule_set,
    year(week_date) as year,
    coalesce(exclusion_rule, 'in the universe') as status,
    round(count(*) / count(distinct week_date), 1) as shares_per_week
from core.fct_universe_week
group by rule_set, year(week_date), status
order by rule_set asc, year asc, shares_per_week desc
