with

source as (
    select * from {{ source('landing', 'industry_history') }}
),

renamed as (
    select
        cast(symbol as varchar) as symbol,
        cast(industry_scheme as varchar) as industry_scheme,
        cast(in_date as date) as in_date,
        cast(out_date as date) as out_date,
        cast(industry_code as varchar) as industry_code,
        cast(industry_name as varchar) as industry_name,
        cast(source_code as varchar) as source_code
    from source
)

select * from renamed
