-- A return is the sum of its factor parts and its specific part. The specific parts are made again
-- here, from bars, exposures and factor returns; their mean square must be the one handed over.
with

fits as (
    select * from {{ ref('fct_factor_model_fit') }}
),

bars as (
    select * from {{ ref('fct_bar_daily') }}
),

universe as (
    select * from {{ ref('fct_universe_week') }}
    where rule_set = 'practitioner' and in_universe
),

styles as (
    select * from {{ ref('fct_style_exposure') }}
),

factor_returns as (
    select * from {{ ref('fct_factor_return') }}
),

wide_returns as (
    select
        trade_date,
        max(case when factor = 'market' then factor_return end) as market,
        {{ for_each(
            computed_styles(),
            "coalesce(max(case when factor = '{}' then factor_return end), 0) as {}") }}
    from factor_returns
    group by trade_date
),

-- Kept apart from the industries: joined by day alone they would make a row of each for every bar.
less_styles as materialized (
    select
        fits.trade_date,
        universe.industry_code,
        sqrt(universe.neutralisation_cap_cny) as weight,
        bars.return_1d - wide_returns.market
        {{ for_each(
            computed_styles(), '- wide_returns.{} * cast(styles.{} as double)', '\n        ') }}
            as remaining_return
    from fits
    inner join bars on fits.trade_date = bars.trade_date
    inner join universe
        on
            bars.symbol = universe.symbol
            and fits.exposure_week_date = universe.week_date
    inner join styles
        on
            bars.symbol = styles.symbol
            and fits.exposure_week_date = styles.week_date
    inner join wide_returns on fits.trade_date = wide_returns.trade_date
    where bars.return_1d is not null
),

specific_returns as (
    select
        less_styles.trade_date,
        less_styles.weight,
        less_styles.remaining_return - industries.factor_return as specific_return
    from less_styles
    inner join factor_returns as industries
        on
            less_styles.trade_date = industries.trade_date
            and less_styles.industry_code = industries.factor
),

recomputed as (
    select
        trade_date,
        count(*) as stock_count,
        sum(weight * specific_return * specific_return) / sum(weight) as mean_square
    from specific_returns
    group by trade_date
)

select
    fits.trade_date,
    fits.identity_error,
    fits.specific_mean_square,
    recomputed.mean_square
from fits
left join recomputed on fits.trade_date = recomputed.trade_date
where
    fits.identity_error > 1e-10
    or recomputed.mean_square is null
    or fits.stock_count <> recomputed.stock_count
    or abs(fits.specific_mean_square - recomputed.mean_square) > 1e-10
