with

instruments as (
    select * from {{ ref('stg_landing__instruments') }}
),

final as (
    select
        symbol,
        name,
        board,
        case
            when symbol like '%.SH' then 'SSE'
            when symbol like '%.SZ' then 'SZSE'
            when symbol like '%.BJ' then 'BSE'
        end as exchange,
        list_date,
        delist_date,
        terminal_value_cny
    from instruments
)

select * from final
