with

source as (
    select * from {{ source('landing', 'style_exposures') }}
)

select * from source
