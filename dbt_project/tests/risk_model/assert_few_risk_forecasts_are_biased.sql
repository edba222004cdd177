{{ config(severity='warn') }}

-- Of portfolios with a year of forecasts nine in ten have a bias statistic of .7 to 1.4: a mean
-- near 1 may be made of forecasts that are far too high and far too low.
select
    portfolio_kind,
    count(*) as portfolio_count,
    avg(case when bias_statistic between 0.7 and 1.4 then 0.0 else 1.0 end) as biased_share
from {{ ref('mart_risk_forecast_quality') }}
where week_count >= 52
group by portfolio_kind
having avg(case when bias_statistic between 0.7 and 1.4 then 0.0 else 1.0 end) > 0.1
