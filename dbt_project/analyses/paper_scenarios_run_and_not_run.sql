-- Which back-tests of the study did this run make, what came out, and why are the others missing?
select
    of_study.rule_set,
    of_study.paper_scenario,
    of_study.model_kind,
    of_study.barra_limit,
    of_study.num_stock,
    of_study.benchmark,
    of_study.model,
    summaries.annualised_alpha_return,
    summaries.sharpe_ratio,
    summaries.max_drawdown,
    of_study.reason
from results.mart_paper_scenario as of_study
left join results.mart_backtest_summary as summaries
    on of_study.scenario_id = summaries.scenario_id
order by
    of_study.rule_set,
    of_study.paper_scenario,
    of_study.model_kind,
    of_study.barra_limit,
    of_study.num_stock
