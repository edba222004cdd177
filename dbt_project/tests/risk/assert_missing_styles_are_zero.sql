-- The stored exposure is the style rounded to float, or 0 where the style is missing.
with

styles as (
    select * from {{ ref('int_style__completed') }}
),

exposures as (
    select * from {{ ref('fct_style_exposure') }}
),

compared as (
    select
        styles.symbol,
        styles.week_date
    from styles
    left join exposures
        on
            styles.symbol = exposures.symbol
            and styles.week_date = exposures.week_date
    where
        exposures.symbol is null
        or {{ for_each(
            computed_styles(),
            'abs(exposures.{} - coalesce(styles.{}, 0)) > 1e-5', '\n        or ') }}
)

select * from compared
