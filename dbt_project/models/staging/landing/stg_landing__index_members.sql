with

source as (
    select * from {{ source('landing', 'index_members') }}
),

renamed as (
    select
        cast(index_symbol as varchar) as index_symbol,
        cast(symbol as varchar) as symbol,
        cast(in_date as date) as in_date,
        cast(out_date as date) as out_date
    from source
)

select * from renamed
