-- The adjusted return and close / pre_close - 1 are two ways to the same figure, but for the cent
-- to which the reference price is rounded. A share that disagrees on more than one session in a
-- hundred has a broken adjustment factor.
{{ config(severity='warn') }}

with

bars as (
    select * from {{ ref('fct_bar_daily') }}
    where return_1d is not null
),

compared as (
    select
        symbol,
        abs(pre_close * (1 + return_1d) - close) * pre_close / close as price_difference_cny
    from bars
),

counted as (
    select
        symbol,
        count(*) as session_count,
        sum(case when price_difference_cny > 0.02 then 1 else 0 end) as disagreeing_count
    from compared
    group by symbol
)

select * from counted
where disagreeing_count > 0.01 * session_count
