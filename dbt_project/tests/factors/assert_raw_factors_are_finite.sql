-- A raw factor is a finite number or missing.
with

factors as (
    select * from {{ ref('fct_factor_raw') }}
),

infinite as (
    select
        symbol,
        week_date
    from factors
    where
        {{ for_each(
            panel_factors(), '({} is not null and ' ~ finite('{}') ~ ' is null)', '\n        or ') }}
)

select * from infinite
