with

source as (
    select * from {{ source('risk_output', 'factor_covariance') }}
),

renamed as (
    select
        cast(week_date as date) as week_date,
        cast(factor_1 as varchar) as factor_1,
        cast(factor_2 as varchar) as factor_2,
        cast(covariance as double) as covariance
    from source
)

select * from renamed
