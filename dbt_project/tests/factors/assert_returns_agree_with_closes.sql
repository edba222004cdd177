{{ config(enabled=var('factor_set') != 'supplied') }}
-- The 20-session return of a share that traded on both ends is the ratio of its adjusted closes.
with

bars as (
    select * from {{ ref('fct_bar_daily') }}
),

factors as (
    select * from {{ ref('fct_factor_raw') }}
),

compared as (
    select
        factors.symbol,
        factors.week_date,
        factors.return_1m,
        ends.adj_close / starts.adj_close - 1 as recomputed
    from factors
    inner join bars as ends
        on
            factors.symbol = ends.symbol
            and factors.week_date = ends.trade_date
    inner join bars as starts
        on
            ends.symbol = starts.symbol
            and ends.session_number = starts.session_number + 20
    where factors.return_1m is not null
)

select * from compared
where abs(return_1m - recomputed) > 1e-5 * (1 + abs(recomputed))
