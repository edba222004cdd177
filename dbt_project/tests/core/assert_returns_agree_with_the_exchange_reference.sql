-- The adjusted return and close / pre_close - 1 are two ways to the same figure; the reference price
-- is rounded to the cent. A share that keeps disagreeing has a broken adjustment factor: it may be
-- out on one session in a hundred (a source may miss a rights issue).
{{ config(severity='warn') }}

with

bars as (
    select * from {{ ref('fct_bar_daily') }}
    where return_1d is not null
),

counted as (
    select
        symbol,
        count(*) as session_count,
        sum(
            case
                when abs(return_1d - (close / pre_close - 1)) * pre_close > 0.02 * (close / pre_close)
                    then 1
                else 0
            end
        ) as disagreeing_count
    from bars
    group by symbol
)

select * from counted
where disagreeing_count > 0.01 * session_count
