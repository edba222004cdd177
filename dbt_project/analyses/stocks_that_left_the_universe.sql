-- Which shares left the universe in the last four weeks of the data, and by which rule?
with

observed as (
    select
        rule_set,
        symbol,
        week_date,
        in_universe,
        exclusion_rule,
        exclusion_value,
        lag(in_universe) over (
            partition by rule_set, symbol order by week_date
        ) as was_in_universe,
        dense_rank() over (order by week_date desc) as weeks_from_end
    from core.fct_universe_week
)

select
    observed.week_date,
    observed.rule_set,
    observed.symbol,
    securities.name,
    observed.exclusion_rule,
    observed.exclusion_value
from observed
inner join core.dim_security as securities on observed.symbol = securities.symbol
where
    observed.weeks_from_end <= 4
    and observed.was_in_universe
    and not observed.in_universe
order by observed.week_date desc, observed.rule_set asc, observed.symbol asc
