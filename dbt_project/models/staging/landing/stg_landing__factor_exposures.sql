with

source as (
    select * from {{ source('landing', 'factor_exposures') }}
)

select * from source
