-- A gap or a repetition would shift every look-back that counts sessions.
with

sessions as (
    select * from {{ ref('dim_trade_date') }}
),

compared as (
    select
        trade_date,
        session_number,
        row_number() over (order by trade_date nulls last) as expected_number
    from sessions
)

select * from compared
where session_number <> expected_number
