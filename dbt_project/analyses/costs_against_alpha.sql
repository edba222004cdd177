-- Does the alpha survive its costs, and which cost per trade would eat it up?
-- The break-even adds what was earned and what was paid, to first order, per unit of turnover.
select
    rule_set,
    model,
    benchmark,
    barra_limit,
    num_stock,
    annualised_turnover,
    annualised_alpha_return + annualised_cost as alpha_before_costs,
    annualised_cost,
    annualised_alpha_return as alpha_after_costs,
    10000 * annualised_cost / nullif(annualised_turnover, 0) as paid_cost_bps,
    10000 * (annualised_alpha_return + annualised_cost)
    / nullif(annualised_turnover, 0) as break_even_cost_bps
from results.mart_latest_backtest
where not is_variant
order by alpha_after_costs desc
