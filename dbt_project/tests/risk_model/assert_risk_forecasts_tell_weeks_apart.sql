{{ config(severity='warn') }}

-- The mean loss of portfolios with a year of forecasts is not far above that of the best constant.
select
    portfolio_kind,
    avg(excess_qlike) as mean_excess_qlike
from {{ ref('mart_risk_forecast_quality') }}
where week_count >= 52
group by portfolio_kind
having avg(excess_qlike) > 0.25
