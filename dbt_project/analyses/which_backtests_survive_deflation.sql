-- Is the best back-test more than the luckiest of all trials?
select
    deflated.rule_set,
    deflated.model,
    scenarios.barra_limit,
    scenarios.num_stock,
    deflated.information_ratio,
    deflated.expected_maximum_information_ratio,
    deflated.trial_count,
    deflated.probabilistic_sharpe_ratio,
    deflated.deflated_sharpe_ratio,
    overfitting.probability_of_overfitting
from results.mart_deflated_sharpe as deflated
inner join results.dim_scenario as scenarios on deflated.scenario_id = scenarios.scenario_id
inner join ops.fct_run as runs on deflated.run_id = runs.run_id
left join results.mart_backtest_overfitting as overfitting
    on
        deflated.run_id = overfitting.run_id
        and deflated.rule_set = overfitting.rule_set
        and deflated.benchmark = overfitting.benchmark
where runs.is_latest
order by deflated.deflated_sharpe_ratio desc nulls last;
