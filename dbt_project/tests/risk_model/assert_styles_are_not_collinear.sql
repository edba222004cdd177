{{ config(severity='warn') }}

-- No style is, on average over a year, little more than a combination of the other factors.
select
    factor,
    extract(year from trade_date) as trade_year,
    avg(variance_inflation) as mean_variance_inflation
from {{ ref('fct_factor_return') }}
where variance_inflation is not null
group by factor, extract(year from trade_date)
having avg(variance_inflation) > 10
