with

source as (
    select * from {{ source('landing', 'dividends') }}
),

renamed as (
    select
        cast(symbol as varchar) as symbol,
        cast(ex_date as date) as ex_date,
        cast(announce_date as date) as announce_date,
        cast(cash_per_share as double) as cash_per_share,
        cast(bonus_shares_per_share as double) as bonus_shares_per_share
    from source
)

select * from renamed
