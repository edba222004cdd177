"""Portfolios, their risk and what explains their return, in the published tables."""

from __future__ import annotations

from tests.integration.conftest import FinishedRun


def test_the_scenarios_of_the_study_are_run_or_have_a_reason(tiny_run: FinishedRun) -> None:
    rows = tiny_run.sql(
        "select paper_scenario, model_kind, model, scenario_id is null as is_absent, reason"
        " from results.mart_paper_scenario order by all"
    ).to_pylist()
    assert {row["paper_scenario"] for row in rows} == {"table_10", "figure_9", "figure_15"}
    assert {row["model"] for row in rows if not row["is_absent"]} == {
        "xgboost-mse-expanding-s777", "best-outside", "most-alike",
    }  # fmt: skip
    assert {row["reason"] for row in rows if row["is_absent"]} == {
        f"no {net} under mse in this run" for net in ("rnn", "lstm", "gru")
    }
    cells = tiny_run.sql(
        "select our_value, missing_reason from results.mart_paper_comparison"
        " where rule_set = 'paper' and paper_table = 10 and row_label = '2021'"
        " and column_label like 'xgboost%'"
    ).to_pylist()
    assert len(cells) == 3
    assert all(cell["our_value"] is not None for cell in cells)


def test_the_index_itself_is_a_row_beside_the_others(tiny_run: FinishedRun) -> None:
    rows = tiny_run.sql(
        "select annualised_alpha_return, tracking_error, total_cost, annualised_turnover"
        " from results.mart_backtest_summary where model = 'baseline-index'"
    ).to_pylist()
    assert rows
    assert all(value == 0.0 for row in rows for value in row.values())


def test_a_portfolio_with_risk_is_certified_and_priced(tiny_run: FinishedRun) -> None:
    # Active volatility is computed twice: in SQL, and by the optimiser as bound less slack.
    (row,) = tiny_run.sql(
        """
        select
            count(*) as decisions,
            max(greatest(
                solutions.primal_residual, solutions.dual_residual, solutions.gap
            )) as worst,
            max(abs(
                scenarios.tracking_error_limit - prices.slack - risks.active_volatility
            )) as apart,
            max(risks.active_volatility) as highest
        from results.dim_scenario as scenarios
        inner join results.fct_solution as solutions using (scenario_id)
        inner join results.fct_shadow_price as prices using (scenario_id, rebalance_date)
        inner join results.fct_portfolio_risk as risks using (scenario_id, rebalance_date)
        where scenarios.risk_aversion is not null and prices.constraint_name = 'tracking_error'
            and risks.risk_source = 'specific'
        """
    ).to_pylist()
    assert row["decisions"] >= 50
    assert row["worst"] <= 1e-8
    assert row["apart"] <= 1e-9
    assert 0.0 < row["highest"] <= 0.1 + 1e-9


def test_aversion_to_risk_lowers_it(tiny_run: FinishedRun) -> None:
    (row,) = tiny_run.sql(
        """
        select
            avg(active_volatility) filter (where risk_aversion is not null) as averse,
            avg(active_volatility) filter (where risk_aversion is null) as bold
        from results.fct_portfolio_risk
        inner join results.dim_scenario using (scenario_id)
        where rule_set = 'practitioner' and model = 'xgboost-mse-expanding-s777'
            and risk_source = 'specific'
        """
    ).to_pylist()
    assert row["averse"] < 0.8 * row["bold"]


def test_forecasts_of_risk_are_of_the_right_size(tiny_run: FinishedRun) -> None:
    rows = tiny_run.sql(
        "select portfolio_kind, avg(bias_statistic) as bias from"
        " risk.mart_risk_forecast_quality group by portfolio_kind"
    ).to_pylist()
    assert {row["portfolio_kind"] for row in rows} == {"factor", "index"}
    assert all(0.85 < row["bias"] < 1.15 for row in rows)


def test_every_return_is_explained_to_the_last_digit(tiny_run: FinishedRun) -> None:
    (row,) = tiny_run.sql(
        """
        select count(distinct scenario_id) as scenarios, max(abs(residual)) as worst
        from results.fct_pnl_attribution_daily
        """
    ).to_pylist()
    assert row["scenarios"] > 14
    assert row["worst"] < 1e-10


def test_shortfalls_are_explained_to_the_last_digit(tiny_run: FinishedRun) -> None:
    worst = tiny_run.sql(
        """
        select max(abs(fills.shortfall_weight - coalesce(reasons.shortfall_weight, 0))) as gap
        from results.fct_fill as fills
        left join (
            select scenario_id, rebalance_date, trade_date, symbol,
                sum(shortfall_weight) as shortfall_weight
            from results.fct_fill_reason group by all
        ) as reasons using (scenario_id, rebalance_date, trade_date, symbol)
        """
    )
    assert worst.column("gap")[0].as_py() < 1e-10
