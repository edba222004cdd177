{{ config(severity='warn') }}

-- The mean bias statistic of portfolios with a year of forecasts is near 1.
select
    portfolio_kind,
    avg(bias_statistic) as mean_bias_statistic
from {{ ref('mart_risk_forecast_quality') }}
where week_count >= 52
group by portfolio_kind
having avg(bias_statistic) not between 0.8 and 1.25
