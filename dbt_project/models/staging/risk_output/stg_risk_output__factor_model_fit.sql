with

source as (
    select * from {{ source('risk_output', 'factor_model_fit') }}
),

renamed as (
    select
        cast(trade_date as date) as trade_date,
        cast(exposure_week_date as date) as exposure_week_date,
        cast(stock_count as bigint) as stock_count,
        cast(factor_count as bigint) as factor_count,
        cast(r_squared as double) as r_squared,
        cast(specific_mean_square as double) as specific_mean_square,
        cast(identity_error as double) as identity_error
    from source
)

select * from renamed
