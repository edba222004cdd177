with

size_factors as (
    select * from {{ ref('int_factor__size') }}
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
)

select * from final
