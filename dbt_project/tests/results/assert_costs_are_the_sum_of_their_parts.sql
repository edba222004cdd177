{{ config(meta={'dagster': {'ref': {'name': 'fct_nav_daily'}}}) }}
-- The cost of a session is the sum of its parts.
with

days as (
    select * from {{ ref('fct_nav_daily') }}
),

faults as (
    select *
    from days
    where abs(stamp_duty + transfer_fee + commission + slippage + impact - cost) > 1e-12
)

select * from faults
