with

source as (
    select * from {{ source('landing', 'instruments') }}
),

renamed as (
    select
        cast(symbol as varchar) as symbol,
        cast(name as varchar) as name,
        cast(board as varchar) as board,
        cast(list_date as date) as list_date,
        cast(delist_date as date) as delist_date,
        cast(terminal_value_cny as double) as terminal_value_cny,
        cast(delisting_period_start_date as date) as delisting_period_start_date
    from source
)

select * from renamed
