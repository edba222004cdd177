"""Ensembles and choices: which stock-weeks, which ranks, which member, and what is recorded."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import spearmanr

from models_ml.combination import CombinationSpec, MemberWindow, combine_window, mean_rank
from models_ml.records import TrainingRecord
from models_ml.windows import TestWindow

WINDOW = TestWindow("2016H1")
FIRST, SECOND = dt.date(2016, 1, 8), dt.date(2016, 1, 15)
RECORD = TrainingRecord(
    WINDOW.start, WINDOW.end, dt.date(2014, 1, 3), dt.date(2015, 12, 18), 100, 80, 20, 6,
    "{}", 777, 12, None, 0.2, 0.25, 0.1, 0.05, 1.0, 1.0, 1.0, 1.0, 0, False,
)  # fmt: skip


def forecasts(rows):
    weeks, symbols, values = zip(*rows, strict=True)
    return pa.table(
        {
            "symbol": list(symbols),
            "week_date": pa.array(weeks, pa.date32()),
            "prediction": pa.array(values, pa.float64()),
        }
    )


def week(day, **values):
    return [(day, symbol, value) for symbol, value in values.items()]


def member(name, rows=(), validation=None, **changes):
    table = forecasts(rows or week(FIRST, a=1.0, b=2.0))
    return MemberWindow(name, table, replace(RECORD, **changes), validation)


def taken_by(by, *members):
    spec = CombinationSpec("c", tuple(each.name for each in members), by)
    return combine_window(spec, WINDOW, members, forecasts([(FIRST, "a", 0.0)]))


def test_ranks_by_hand_among_the_stocks_that_all_forecast():
    first = forecasts(week(SECOND, a=9.0, b=9.0) + week(FIRST, a=0.1, b=0.3, c=0.2, d=0.9))
    # No scale: b < c < a; no forecast of d, nor of b in the second week.
    second = forecasts(week(FIRST, c=500.0, b=-7.0, a=1e6) + week(SECOND, a=-1.0))
    result = mean_rank([first, second]).to_pylist()
    assert [(row["week_date"], row["symbol"]) for row in result] == [
        (FIRST, "a"), (FIRST, "b"), (FIRST, "c"), (SECOND, "a"),
    ]  # fmt: skip
    ranks = np.array([[1, 3], [3, 1], [2, 2]])
    expected = [*((ranks - 0.5) / 3).mean(axis=1), 0.5]
    np.testing.assert_allclose([row["prediction"] for row in result], expected)


def test_ties_share_their_rank_and_a_week_that_a_member_lacks_is_left_out():
    flat = forecasts(week(FIRST, a=5.0, b=5.0) + week(SECOND, a=1.0, b=2.0))
    steep = forecasts(week(FIRST, a=1.0, b=2.0))
    assert mean_rank([flat, steep]).to_pylist() == [
        {"symbol": "a", "week_date": FIRST, "prediction": 0.375},
        {"symbol": "b", "week_date": FIRST, "prediction": 0.625},
    ]


def test_members_that_cannot_be_averaged_are_refused():
    one = forecasts(week(FIRST, a=1.0))
    with pytest.raises(ValueError, match="that every member forecast, found none"):
        mean_rank([one, forecasts(week(FIRST, b=1.0))])
    with pytest.raises(ValueError, match="once per member"):
        mean_rank([one, forecasts(week(FIRST, a=1.0) * 2)])
    for members in (("a",), ("a", "a")):
        with pytest.raises(ValueError, match="two different members"):
            CombinationSpec("c", members, "mean_rank")


def test_the_record_of_an_ensemble_judges_its_own_forecasts():
    names = [f"s{number:02d}" for number in range(40)]
    rows = [(FIRST, name, float(number)) for number, name in enumerate(names)]
    noise = np.random.default_rng(1).permutation(40).astype(float)
    labels = forecasts(rows).rename_columns(["symbol", "week_date", "fwd_return_1w_cum"])
    members = (
        member("a", rows, train_row_count=100),
        member(
            "b",
            [(FIRST, name, value) for name, value in zip(names, noise, strict=True)],
            train_row_count=300,
            train_first_week=dt.date(2013, 1, 4),
            uses_future=True,
        ),
    )
    spec = CombinationSpec("c", ("a", "b"), "mean_rank")
    predictions, record, taken = combine_window(spec, WINDOW, members, labels)
    # Both members rank 40 stocks without ties, so that the mean of ranks orders as the sum.
    expected = spearmanr(np.arange(40) + noise, np.arange(40)).statistic
    assert record.out_of_sample_rank_ic == pytest.approx(expected, abs=1e-12)
    assert (taken, predictions.num_rows, record.test_row_count) == (None, 40, 40)
    assert (record.train_row_count, record.train_first_week.year) == (300, 2013)
    assert record.uses_future
    assert (record.seed, record.boosting_rounds, record.in_sample_rank_ic) == (None, None, None)
    assert {record.out_of_sample_mse, record.in_sample_mse, record.fit_mse} == {None}


@pytest.mark.parametrize(
    ("by", "expected", "foresight"),
    [("out_of_sample_rank_ic", "b", True), ("in_out_difference", "c", True),
     ("validation", "a", False)],
)  # fmt: skip
def test_each_rule_takes_the_member_that_is_best_by_its_figure(by, expected, foresight):
    members = (
        member("a", validation=-0.8, in_sample_rank_ic=0.3, out_of_sample_rank_ic=0.02),
        member("b", week(FIRST, a=7.0), -0.9, in_sample_rank_ic=0.5, out_of_sample_rank_ic=0.06),
        member("c", week(FIRST, a=8.0), in_sample_rank_ic=0.0, out_of_sample_rank_ic=0.05),
    )
    predictions, record, taken = taken_by(by, *members)
    best = {each.name: each for each in members}[expected]
    assert taken == expected
    assert predictions == best.predictions
    assert record == replace(best.record, uses_future=foresight)


def test_of_equal_members_the_first_is_taken_and_without_figures_none():
    assert (
        taken_by("validation", member("a", validation=1.0), member("b", validation=1.0))[2] == "a"
    )
    with pytest.raises(ValueError, match="figure to choose by validation"):
        taken_by("validation", member("a"), member("b"))


def test_a_record_comes_back_from_the_text_of_its_card():
    row = {name: str(v) if isinstance(v, dt.date) else v for name, v in RECORD.as_row().items()}
    assert TrainingRecord.from_json(row) == RECORD
