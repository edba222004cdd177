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
        delist_date,
        terminal_value_cny
    from instruments
)

select * from final
