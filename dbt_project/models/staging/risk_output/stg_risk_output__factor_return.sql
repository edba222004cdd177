with

source as (
    select * from {{ source('risk_output', 'factor_return') }}
),

renamed as (
    select
        cast(trade_date as date) as trade_date,
        cast(factor as varchar) as factor,
        cast(factor_kind as varchar) as factor_kind,
        cast(exposure_week_date as date) as exposure_week_date,
        cast(factor_return as double) as factor_return,
        cast(t_stat as double) as t_stat,
        cast(variance_inflation as double) as variance_inflation,
        cast(capitalisation_share as double) as capitalisation_share
    from source
)

select * from renamed
