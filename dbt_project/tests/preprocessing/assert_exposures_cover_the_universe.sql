-- One row of exposures for every universe row of the rule sets that are built, and no other.
with

universe as (
    select * from {{ ref('fct_universe_week') }}
    where in_universe and rule_set in ({{ panel_rule_sets() }})
),

exposures as (
    select * from {{ ref('fct_factor_exposure') }}
),

unmatched as (
    select
        universe.rule_set,
        universe.symbol,
        universe.week_date,
        exposures.symbol as exposed_symbol
    from universe
    full outer join exposures
        on
            universe.rule_set = exposures.rule_set
            and universe.symbol = exposures.symbol
            and universe.week_date = exposures.week_date
    where universe.symbol is null or exposures.symbol is null
)

select * from unmatched
