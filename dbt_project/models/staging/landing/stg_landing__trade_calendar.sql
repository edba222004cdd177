with

source as (
    select * from {{ source('landing', 'trade_calendar') }}
),

renamed as (
    select
        cast(trade_date as date) as trade_date,
        cast(is_last_session_of_week as boolean) as is_last_session_of_week
    from source
)

select * from renamed
