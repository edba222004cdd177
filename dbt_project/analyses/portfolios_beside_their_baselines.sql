-- Does optimising pay? Each model's best portfolio beside portfolios by rule on the same sessions.
select
    rule_set,
    benchmark,
    first_session,
    last_session,
    model,
    case when model like 'baseline-%' then 'by rule' else 'optimised' end as made,
    coalesce(cast(barra_limit as varchar), 'none') as barra_limit,
    num_stock,
    annualised_return,
    annualised_alpha_return,
    sharpe_ratio,
    information_ratio,
    max_drawdown,
    annualised_turnover,
    annualised_cost
from results.mart_latest_backtest
order by rule_set asc, benchmark asc, first_session asc, annualised_alpha_return desc
