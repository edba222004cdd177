{{ config(meta={'dagster': {'ref': {'name': 'fct_pnl_attribution_daily'}}}) }}
-- Benchmark, styles, industries, specific returns, trading, costs and cash are all there is.
select
    scenario_id,
    trade_date,
    residual
from {{ ref('fct_pnl_attribution_daily') }}
where abs(residual) > 1e-10
