{{ config(severity='warn') }}

-- In a year with a hundred sessions the factors explain five percent of the squared returns.
select
    extract(year from trade_date) as trade_year,
    avg(r_squared) as mean_r_squared
from {{ ref('fct_factor_model_fit') }}
group by extract(year from trade_date)
having count(*) >= 100 and avg(r_squared) < 0.05
