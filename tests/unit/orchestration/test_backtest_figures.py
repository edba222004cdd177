"""Pictures of back-tests show every cell, line and drawdown they are given."""

from __future__ import annotations

import datetime as dt
import itertools

import pandas as pd

from orchestration.lib.backtest_figures import heat_maps, return_against_risk, values_and_drawdowns
from orchestration.lib.drawing import svg
from orchestration.lib.execution_figures import bias_waterfall

DAYS = [dt.date(2020, 1, 6) + dt.timedelta(days=k) for k in range(4)]


def grid() -> pd.DataFrame:
    settings = itertools.product((0.1, 0.5, None), (100, 200))
    rows = [
        {"barra_limit": band, "num_stock": count, "max_drawdown": -0.1, "sharpe_ratio": 1.0}
        for band, count in settings
    ]
    frame = pd.DataFrame(rows).astype({"barra_limit": float})
    return frame.assign(annualised_alpha_return=[0.01 * k for k in range(len(frame))])


def test_a_heat_map_has_every_cell_with_its_figure_and_no_band_last() -> None:
    figure = heat_maps(grid())
    assert len(figure.axes) == 3
    alpha = figure.axes[0]
    assert [text.get_text() for text in alpha.texts] == [f"{k}.0%" for k in range(6)]
    assert [label.get_text() for label in alpha.get_yticklabels()] == ["0.1", "0.5", "none"]
    assert [label.get_text() for label in alpha.get_xticklabels()] == ["100", "200"]


def test_a_cell_that_was_not_run_stays_empty() -> None:
    figure = heat_maps(grid().iloc[1:])
    assert len(figure.axes[0].texts) == 5


def test_values_stand_above_drawdowns_and_the_index_beside_them() -> None:
    rows = pd.DataFrame(
        {
            "rule_set": "paper",
            "benchmark": ["000905.SH"] * 8 + ["000852.SH"] * 4,
            "scenario_id": ["1"] * 4 + ["2"] * 4 + ["3"] * 4,
            "scenario": ["a"] * 4 + ["baseline equal universe"] * 8,
            "trade_date": DAYS * 3,
            "nav": [1.0, 1.2, 0.9, 1.0] * 3,
            "benchmark_nav": [1.0, 1.0, 0.8, 1.0] * 3,
            "drawdown": [0.0, 0.0, -0.25, -1 / 6] * 3,
        }
    )
    figure = values_and_drawdowns(rows)
    upper, lower = figure.axes
    assert upper.get_legend_handles_labels()[1] == [
        "a", "baseline equal universe", "index 000905.SH", "index 000852.SH",
    ]  # fmt: skip
    # Portfolios of one name under two indices are two lines.
    assert [len(line.get_xdata()) for line in upper.lines] == [4] * 5
    assert min(lower.lines[0].get_ydata()) == -0.25
    assert min(lower.lines[3].get_ydata()) == 0.8 - 1.0
    assert svg(figure) == svg(values_and_drawdowns(rows))


def test_lines_of_return_and_risk_lead_over_the_bands() -> None:
    rows = grid().sort_values(["num_stock", "barra_limit"])
    rows = rows.assign(
        rule_set="paper",
        model="ridge",
        label="ridge",
        benchmark="000905.SH",
        turnover_limit=0.15,
        annualised_volatility=0.2,
        annualised_return=rows["annualised_alpha_return"],
    )
    index = rows.iloc[:1].assign(model="baseline-index", label="baseline index")
    figure = return_against_risk(pd.concat([rows, index]))
    (axes,) = figure.axes
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert labels == [
        "ridge, 100 names, turnover 0.15", "ridge, 200 names, turnover 0.15", "the index",
    ]  # fmt: skip
    assert [text.get_text() for text in axes.texts] == ["0.1", "none"] * 2


def steps(remainder: float | None) -> pd.DataFrame:
    """One correction that costs two points of ten, one not run, and what is left."""
    after = None if remainder is None else 0.08 + remainder
    rows = [
        ("execution", "fees", 1, -0.02, 0.08, -0.03, -0.01),
        ("retraining", "label", 2, None, None, None, None),
        ("remainder", "practitioner_rules", 3, remainder, after, None, None),
    ]
    columns = ["kind", "step", "step_order", "alpha_effect", "alpha_after", "effect_alone"]
    return pd.DataFrame(rows, columns=[*columns, "effect_last"])


def test_a_waterfall_ends_at_the_rules_of_the_practitioner_where_they_were_run() -> None:
    (axes,) = bias_waterfall(steps(-0.05)).axes
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names[1:] == ["fees", "label", "remainder", "rules of the practitioner"]
    widths = [round(bar.get_width(), 12) for bar in axes.patches]
    assert widths == [0.1, -0.02, -0.05, 0.03]
    assert axes.patches[2].get_facecolor() != axes.patches[1].get_facecolor()
    (axes,) = bias_waterfall(steps(None)).axes
    assert axes.get_yticklabels()[-1].get_text() == "after all that were run"
    assert [text.get_text() for text in axes.texts].count(" not run") == 2
