"""Pictures show every series they are given."""

import datetime as dt

import pandas as pd

from orchestration.lib.drawing import svg
from orchestration.lib.report_figures import cumulative_rank_ic, factor_rank_ic

WEEKS = [dt.date(2020, 1, 3) + dt.timedelta(weeks=k) for k in range(4)]


def test_one_panel_per_rule_set_and_the_same_bytes_twice() -> None:
    rows = pd.DataFrame(
        [
            {"rule_set": rule_set, "label": model, "week_date": week, "rank_ic": value}
            for rule_set in ("practitioner", "paper")
            for model in ("ridge", "xgboost")
            for week, value in zip(WEEKS, (0.1, None, 0.2, -0.1), strict=True)
        ]
    )
    first = svg(cumulative_rank_ic(rows))
    assert first.startswith("<svg")
    assert first.count('id="axes_') == 2
    assert first == svg(cumulative_rank_ic(rows))


def test_factors_are_bars_filled_if_they_survive() -> None:
    rows = pd.DataFrame(
        {
            "rule_set": ["practitioner"] * 3,
            "factor": ["a", "b", "c"],
            "family": ["size", "size", "growth"],
            "mean_rank_ic": [0.05, -0.04, 0.01],
            "survives": [True, True, False],
        }
    )
    drawn = svg(factor_rank_ic(rows))
    assert drawn.count('id="axes_') == 1
    # One hollow bar: the patch of the factor that is not more than luck.
    hollow = svg(factor_rank_ic(rows.assign(survives=False))).count("fill: none")
    assert 0 < drawn.count("fill: none") < hollow
