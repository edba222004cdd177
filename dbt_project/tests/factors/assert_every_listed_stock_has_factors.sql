-- Every listed stock has one row of raw factors per week, in the universe or not.
with

universe as (
    select * from {{ ref('fct_universe_week') }}
    where rule_set = 'practitioner'
),

factors as (
    select * from {{ ref('fct_factor_raw') }}
),

unmatched as (
    select
        universe.symbol,
        universe.week_date,
        factors.symbol as factor_symbol
    from universe
    full outer join factors
        on
            universe.symbol = factors.symbol
            and universe.week_date = factors.week_date
    where universe.symbol is null or factors.symbol is null
)

select * from unmatched
