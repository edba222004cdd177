with

instruments as (
    select * from {{ ref('stg_landing__instruments') }}
),

final as (
    select
        symbol,
        name,
        board,
        list_date,
        delist_date
    from instruments
)

select * from final
