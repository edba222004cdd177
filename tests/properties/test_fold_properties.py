"""What must hold of every cross-validation, whatever the weeks and labels."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models_ml.folds import fold_rows, plan_folds
from models_ml.panel import Panel

FIRST_WEEK = np.datetime64("2010-01-08")


@st.composite
def week_sets(draw):
    """Weeks with holidays left out."""
    count = draw(st.integers(3, 260))
    steps = draw(st.lists(st.sampled_from([1, 1, 1, 2]), min_size=count, max_size=count))
    return FIRST_WEEK + 7 * np.cumsum(steps)


FOLDS = st.integers(1, 10)
PURGES = st.integers(0, 3)


def needed_weeks(fold_count, purge):
    """Fewest weeks for which the error asks, read from the error itself."""
    with pytest.raises(ValueError, match=r"expected at least \d+ training weeks") as caught:
        plan_folds(FIRST_WEEK + 7 * np.arange(2), fold_count, purge_weeks=purge)
    assert "found 2" in str(caught.value)
    return int(re.search(r"at least (\d+)", str(caught.value)).group(1))


def planned(weeks, fold_count, purge):
    """The plan, or None where there are too few weeks for it."""
    if len(weeks) >= needed_weeks(fold_count, purge):
        return plan_folds(weeks, fold_count, purge_weeks=purge)
    with pytest.raises(ValueError, match="tune with fewer folds"):
        plan_folds(weeks, fold_count, purge_weeks=purge)
    return None


@settings(max_examples=100, deadline=None)
@given(week_sets(), FOLDS, PURGES)
def test_parts_are_disjoint_in_order_and_never_empty(weeks, fold_count, purge):
    plan = planned(weeks, fold_count, purge)
    if plan is None:
        return
    assert len(plan.folds) == fold_count
    for fold in plan.folds:
        parts = (fold.train_weeks, fold.valid_weeks, fold.test_weeks)
        assert all(len(part) > 0 for part in parts)
        assert fold.train_weeks.max() < fold.valid_weeks.min()
        assert fold.valid_weeks.max() < fold.test_weeks.min()
        together = np.concatenate([*parts, fold.purged_weeks])
        assert len(np.unique(together)) == len(together)
        assert len(fold.purged_weeks) == 2 * purge


@settings(max_examples=100, deadline=None)
@given(week_sets(), FOLDS, PURGES)
def test_nothing_is_lost(weeks, fold_count, purge):
    """Every week up to a test block is in some part; test blocks tile the last weeks."""
    plan = planned(weeks, fold_count, purge)
    if plan is None:
        return
    for fold in plan.folds:
        seen = np.concatenate(
            [fold.train_weeks, fold.valid_weeks, fold.test_weeks, fold.purged_weeks]
        )
        assert np.sort(seen).tolist() == weeks[weeks <= fold.test_weeks.max()].tolist()
    tested = np.concatenate([fold.test_weeks for fold in plan.folds])
    assert tested.tolist() == weeks[-len(tested) :].tolist()
    assert {len(fold.test_weeks) for fold in plan.folds} == {plan.block_weeks}
    assert plan.first_train_weeks + (fold_count + 1) * plan.block_weeks == len(weeks)
    assert 3 * plan.first_train_weeks >= len(weeks)


@settings(max_examples=100, deadline=None)
@given(FOLDS, PURGES)
def test_the_error_names_a_number_of_weeks_that_is_enough(fold_count, purge):
    needed = needed_weeks(fold_count, purge)
    plan = plan_folds(FIRST_WEEK + 7 * np.arange(needed), fold_count, purge_weeks=purge)
    assert all(len(fold.valid_weeks) > 0 for fold in plan.folds)


@settings(max_examples=100, deadline=None)
@given(st.integers(60, 160), st.integers(1, 5), st.sampled_from([7, 10]), st.integers(0, 2**31))
def test_label_spans_never_overlap(week_count, fold_count, label_days, seed):
    rng = np.random.default_rng(seed)
    weeks = np.repeat(FIRST_WEEK + 7 * np.arange(week_count), 3)
    known_at = weeks + np.timedelta64(label_days, "D")
    late = rng.random(len(weeks)) < 0.1
    known_at[late] += np.timedelta64(21, "D")
    target = rng.standard_normal(len(weeks))
    panel = Panel(
        features=np.zeros((len(weeks), 1), dtype=np.float32),
        feature_names=("factor",),
        symbol_codes=np.tile(np.arange(3, dtype=np.int32), week_count),
        symbols=np.array(["000001.SZ", "000002.SZ", "000003.SZ"]),
        week_dates=weeks,
        target=target,
        raw_label=target,
        label_known_at=known_at,
        tradable=np.ones(len(weeks), dtype=np.bool_),
        uses_future=np.zeros(len(weeks), dtype=np.bool_),
    )
    rows = np.flatnonzero(rng.random(len(weeks)) > 0.1)
    plan = plan_folds(np.unique(weeks[rows]), fold_count)
    for fold, of_weeks in zip(fold_rows(panel, rows, plan), plan.folds, strict=True):
        assert (known_at[fold.train] <= of_weeks.valid_weeks[0]).all()
        assert (known_at[fold.valid] <= of_weeks.test_weeks[0]).all()
        for part, its_weeks in (
            (fold.train, of_weeks.train_weeks),
            (fold.valid, of_weeks.valid_weeks),
            (fold.test, of_weeks.test_weeks),
        ):
            assert len(part) > 0
            assert set(part) <= set(rows)
            assert np.isin(weeks[part], its_weeks).all()
        # Only late labels are left out of a part beyond its purge.
        expected = rows[np.isin(weeks[rows], of_weeks.train_weeks)]
        assert late[np.setdiff1d(expected, fold.train)].all()
