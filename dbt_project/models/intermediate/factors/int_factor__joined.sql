with

size_factors as (
    select * from {{ ref('int_factor__size') }}
),

valuation_factors as (
    select * from {{ ref('int_factor__valuation') }}
),

growth_factors as (
    select * from {{ ref('int_factor__growth') }}
),

profitability_factors as (
    select * from {{ ref('int_factor__profitability') }}
),

earnings_quality_factors as (
    select * from {{ ref('int_factor__earnings_quality') }}
),

leverage_factors as (
    select * from {{ ref('int_factor__leverage') }}
),

momentum_factors as (
    select * from {{ ref('int_factor__momentum') }}
),

volatility_factors as (
    select * from {{ ref('int_factor__volatility') }}
),

liquidity_factors as (
    select * from {{ ref('int_factor__liquidity') }}
),

beta_factors as (
    select * from {{ ref('int_factor__beta') }}
),

price_volume_factors as (
    select * from {{ ref('int_factor__price_volume') }}
),

technical_factors as (
    select * from {{ ref('int_factor__technical') }}
),

final as (
    select
        size_factors.symbol,
        size_factors.week_date,
        {{ joined_factors() }}
    from size_factors
    left join valuation_factors
        on
            size_factors.symbol = valuation_factors.symbol
            and size_factors.week_date = valuation_factors.week_date
    left join growth_factors
        on
            size_factors.symbol = growth_factors.symbol
            and size_factors.week_date = growth_factors.week_date
    left join profitability_factors
        on
            size_factors.symbol = profitability_factors.symbol
            and size_factors.week_date = profitability_factors.week_date
    left join earnings_quality_factors
        on
            size_factors.symbol = earnings_quality_factors.symbol
            and size_factors.week_date = earnings_quality_factors.week_date
    left join leverage_factors
        on
            size_factors.symbol = leverage_factors.symbol
            and size_factors.week_date = leverage_factors.week_date
    left join momentum_factors
        on
            size_factors.symbol = momentum_factors.symbol
            and size_factors.week_date = momentum_factors.week_date
    left join volatility_factors
        on
            size_factors.symbol = volatility_factors.symbol
            and size_factors.week_date = volatility_factors.week_date
    left join liquidity_factors
        on
            size_factors.symbol = liquidity_factors.symbol
            and size_factors.week_date = liquidity_factors.week_date
    left join beta_factors
        on
            size_factors.symbol = beta_factors.symbol
            and size_factors.week_date = beta_factors.week_date
    left join price_volume_factors
        on
            size_factors.symbol = price_volume_factors.symbol
            and size_factors.week_date = price_volume_factors.week_date
    left join technical_factors
        on
            size_factors.symbol = technical_factors.symbol
            and size_factors.week_date = technical_factors.week_date
    {{ join_supplied_factors('size_factors') }}
)

select * from final
