"""Statements that pictures of back-tests are drawn from: published rows of the latest run."""

from __future__ import annotations

from orchestration.lib.summary import RUN

NOT_BY_RULE = "scenarios.model not like 'baseline-%'"
# The settings of the study's figures 8 and 9, or the nearest there are.
NEAREST_SETTINGS = f"""scenarios.scenario_id in (
        select scenario_id
        from results.dim_scenario as scenarios
        where run_id = {RUN} and not is_variant and {NOT_BY_RULE}
        qualify row_number() over (
            partition by rule_set, model
            order by abs(coalesce(barra_limit, 1) - 0.3), abs(num_stock - 100),
                abs(turnover_limit - 0.15), scenario_id
        ) = 1
    )"""


def of_study(name: str) -> str:
    """Condition: the back-test is one that the experiment names as the study's."""
    return f"""scenarios.scenario_id in (
        select scenario_id
        from results.mart_paper_scenario
        where paper_scenario = '{name}' and scenario_id is not null
    )"""


def of_study_or(name: str, otherwise: str) -> str:
    """The same where there are any, else another condition."""
    some = (
        "exists (select 1 from results.mart_paper_scenario"
        f" where paper_scenario = '{name}' and scenario_id is not null)"
    )
    return f"(({some} and {of_study(name)}) or (not {some} and {otherwise}))"


def nav_rows(condition: str) -> str:
    """Values and drawdowns of back-tests, and beside them equal weights of the universe.

    The condition is one on `scenarios`, that is results.dim_scenario.
    """
    return f"""
    with shown as (
        select scenarios.*
        from results.dim_scenario as scenarios
        where scenarios.run_id = {RUN} and {condition}
    ),

    beside as (
        select scenarios.*
        from results.dim_scenario as scenarios
        where scenarios.run_id = {RUN} and scenarios.model = 'baseline-equal-universe'
            and not scenarios.is_variant
            and exists (
                select 1
                from shown
                where shown.rule_set = scenarios.rule_set
                    and shown.benchmark = scenarios.benchmark
                    and shown.first_trade_date = scenarios.first_trade_date
            )
    ),

    charted as (
        select *, 1 as place from shown
        union all
        select *, 2 as place from beside
    )

    select
        charted.rule_set,
        charted.model,
        case when charted.place = 1
            then ', barra ' || coalesce(cast(charted.barra_limit as varchar), 'none')
                || ', ' || charted.num_stock || ' names'
                || coalesce(', aversion ' || charted.risk_aversion, '')
                || coalesce(', tracking error ' || charted.tracking_error_limit, '')
            else '' end as settings,
        charted.benchmark,
        charted.scenario_id,
        days.trade_date,
        days.nav,
        days.benchmark_nav,
        days.drawdown,
        days.excess_drawdown
    from charted
    inner join results.fct_nav_daily as days on charted.scenario_id = days.scenario_id
    order by
        charted.rule_set desc, charted.place, charted.model, charted.num_stock,
        charted.barra_limit nulls last, charted.scenario_id, days.trade_date
    """


# A grid is a model under one index and turnover limit with several bands, several counts and most
# of their pairs; where settings occur twice, the study's back-test stands for them.
GRIDS = f"""
    with measured as (
        select measures.*
        from results.mart_backtest_summary as measures
        left join results.mart_paper_scenario as of_study
            on measures.scenario_id = of_study.scenario_id and of_study.paper_scenario = 'table_14'
        where measures.run_id = {RUN} and measures.model not like 'baseline-%'
            and not measures.is_variant
            and measures.risk_aversion is null and measures.tracking_error_limit is null
        qualify row_number() over (
            partition by measures.rule_set, measures.model, measures.benchmark,
                measures.turnover_limit, measures.barra_limit, measures.num_stock
            order by of_study.scenario_id is null, measures.scenario_id
        ) = 1
    )

    select rule_set, model, ', ' || benchmark || ', turnover ' || turnover_limit as settings,
        barra_limit, num_stock, annualised_alpha_return, max_drawdown, sharpe_ratio
    from measured
    window grids as (partition by rule_set, model, benchmark, turnover_limit)
    qualify count(distinct coalesce(barra_limit, -1)) over grids > 1
        and count(distinct num_stock) over grids > 1
        and count(*) over grids > 0.6 * count(distinct coalesce(barra_limit, -1)) over grids
            * count(distinct num_stock) over grids
    order by rule_set desc, model, benchmark, turnover_limit, num_stock, barra_limit nulls last
"""
FRONTIER = f"""
    select distinct rule_set, model, benchmark, barra_limit, num_stock, turnover_limit,
        annualised_volatility, annualised_return, sharpe_ratio
    from results.mart_backtest_summary
    where run_id = {RUN} and not is_variant
    order by rule_set desc, benchmark, model, num_stock, turnover_limit, barra_limit nulls last
"""
