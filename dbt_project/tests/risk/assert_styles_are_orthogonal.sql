-- Residual volatility is uncorrelated with beta and size, liquidity and non-linear size with size,
-- over the shares of the universe that have the style; a missing regressor stands at 0.
with

styles as (
    select * from {{ ref('int_style__completed') }}
    where in_universe
),

correlations as (
    select
        week_date,
        count(*) as stock_count,
        {{ finite('corr(residual_volatility, coalesce(beta, 0))') }} as volatility_beta,
        {{ finite('corr(residual_volatility, coalesce(size, 0))') }} as volatility_size,
        {{ finite('corr(nonlinear_size, coalesce(size, 0))') }} as nonlinear_size,
        {{ finite('corr(liquidity, coalesce(size, 0))') }} as liquidity_size
    from styles
    group by week_date
)

select * from correlations
where
    stock_count > 10
    and greatest(
        coalesce(abs(volatility_beta), 0), coalesce(abs(volatility_size), 0),
        coalesce(abs(nonlinear_size), 0), coalesce(abs(liquidity_size), 0)
    ) > 1e-6
