with

source as (
    select * from {{ source('landing', 'index_weights') }}
),

renamed as (
    select
        cast(index_symbol as varchar) as index_symbol,
        cast(as_of as date) as as_of_date,
        cast(symbol as varchar) as symbol,
        cast(weight as double) as weight
    from source
)

select * from renamed
