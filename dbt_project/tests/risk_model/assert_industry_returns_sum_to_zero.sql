-- Weighted by capitalisation the industries have no return of their own: the market has it.
select
    trade_date,
    sum(factor_return * capitalisation_share) as total
from {{ ref('fct_factor_return') }}
where factor_kind = 'industry'
group by trade_date
having abs(sum(factor_return * capitalisation_share)) > 1e-10
