with

source as (
    select * from {{ source('risk_output', 'specific_risk') }}
),

renamed as (
    select
        cast(symbol as varchar) as symbol,
        cast(week_date as date) as week_date,
        cast(specific_volatility as double) as specific_volatility,
        cast(own_volatility as double) as own_volatility,
        cast(residual_count as bigint) as residual_count
    from source
)

select * from renamed
