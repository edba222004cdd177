{{ config(severity='warn') }}

with

bars as (
    select * from {{ ref('fct_bar_daily') }}
    where not is_suspended
)

select
    symbol,
    trade_date,
    pre_close,
    close,
    limit_down_price,
    limit_up_price
from bars
where
    close - pre_close > 2 * (limit_up_price - pre_close) + 0.01
    or pre_close - close > 2 * (pre_close - limit_down_price) + 0.01
