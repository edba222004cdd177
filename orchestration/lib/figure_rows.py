"""Statements that pictures are drawn from: the published rows of the latest run."""

from __future__ import annotations

from orchestration.lib.summary import RUN


def nav_rows(condition: str = "true") -> str:
    """Net asset values of back-tests; the condition is one on `scenarios`."""
    return f"""
    select
        scenarios.rule_set,
        scenarios.model,
        ', barra ' || coalesce(cast(scenarios.barra_limit as varchar), 'none')
        || ', ' || scenarios.num_stock || ' names'
        || coalesce(', aversion ' || scenarios.risk_aversion, '')
        || coalesce(', tracking error ' || scenarios.tracking_error_limit, '') as settings,
        days.trade_date,
        days.nav,
        days.benchmark_nav
    from results.fct_nav_daily as days
    inner join results.dim_scenario as scenarios on days.scenario_id = scenarios.scenario_id
    where scenarios.run_id = {RUN} and {condition}
    order by
        scenarios.rule_set desc, scenarios.model, scenarios.num_stock,
        scenarios.barra_limit nulls last, scenarios.scenario_id, days.trade_date
    """


def group_rows(condition: str = "true") -> str:
    """Cumulative returns of groups by prediction; the condition is one on `groups`."""
    return f"""
    select groups.rule_set, groups.model, groups.group_number, groups.week_date,
        groups.cumulative_return
    from results.mart_group_return_week as groups
    where groups.run_id = {RUN} and {condition}
    order by groups.rule_set desc, groups.model, groups.group_number, groups.week_date
    """


def in_pairs_of(claim: str, kind: str) -> str:
    """Condition: the series is one of a pair that tests a claim; kind is its qualified column."""
    return f"""{kind} in (
        select unnest([pairs.first_series, pairs.second_series])
        from results.mart_claim as pairs
        where pairs.run_id = {RUN} and pairs.claim = '{claim}'
            and pairs.first_series is not null
    )"""


def model_in_pairs_of(claim: str) -> str:
    """Condition on `groups`: the model is one of a pair of its rule set that tests a claim."""
    return f"""exists (
        select 1
        from results.mart_claim as pairs
        where pairs.run_id = groups.run_id and pairs.rule_set = groups.rule_set
            and pairs.claim = '{claim}'
            and groups.model in (pairs.first_series, pairs.second_series)
    )"""


# The settings of the study's figures 8 and 9, or the nearest there are.
NEAREST_SETTINGS = f"""scenarios.scenario_id in (
        select scenario_id
        from results.dim_scenario
        where run_id = {RUN} and risk_aversion is null and tracking_error_limit is null
        qualify row_number() over (
            partition by rule_set, model
            order by abs(coalesce(barra_limit, 1) - 0.3), abs(num_stock - 100),
                abs(turnover_limit - 0.15), scenario_id
        ) = 1
    )"""
RANGE_SCANS = f"""
    select trials.rule_set, trials.model, trials.scanned_parameter, trials.scan_pass,
        trials.parameters, trials.score, trials.tuned_on_window_start
    from results.fct_tuning_trial as trials
    where trials.run_id = {RUN} and trials.stage = 'range_scan'
        and trials.scanned_parameter is not null and trials.score is not null
    qualify trials.window_start = max(trials.window_start) over (
        partition by trials.rule_set, trials.model
    )
    order by trials.rule_set desc, trials.model, trials.trial
"""
SEARCHES = f"""
    select trials.rule_set, trials.model, trials.trial, trials.score, trials.state,
        models.loss = 'mse' as is_lower_better, trials.window_start
    from results.fct_tuning_trial as trials
    inner join results.dim_model as models
        on trials.rule_set = models.rule_set and trials.model = models.model
    where trials.run_id = {RUN} and trials.stage = 'optuna'
    qualify trials.window_start = max(trials.window_start) over (
        partition by trials.rule_set, trials.model
    )
    order by trials.rule_set desc, trials.model, trials.trial
"""
MONTHS = f"""
    select rule_set, model, month_start, mean_rank_ic
    from results.mart_rank_ic_month
    where run_id = {RUN}
    order by rule_set desc, model, month_start
"""
# Three columns are what a page can hold: the models with the highest mean.
DECOMPOSITIONS = f"""
    select parts.rule_set, parts.model, parts.month_start, parts.mean_rank_ic, parts.trend,
        parts.seasonal, parts.remainder
    from results.mart_rank_ic_decomposition as parts
    inner join (
        select rule_set, model
        from results.mart_rank_ic_decomposition
        where run_id = {RUN}
        group by rule_set, model
        qualify row_number() over (
            partition by rule_set order by avg(mean_rank_ic) desc, model
        ) <= 3
    ) as best on parts.rule_set = best.rule_set and parts.model = best.model
    where parts.run_id = {RUN}
    order by parts.rule_set desc, parts.model, parts.month_start
"""
