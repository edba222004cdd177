"""What must hold of every split, whatever the panel."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from models_ml.panel import Panel
from models_ml.rules import TrainingRules
from models_ml.splits import split_weeks
from models_ml.windows import TestWindow

WINDOW = TestWindow("2016H1")
# Half a year before the two years that `fixed_2y` keeps.
FIRST_WEEK = np.datetime64("2013-06-07")
WEEK_COUNT = 172
FIRST_DAY = {"expanding": FIRST_WEEK, "fixed_2y": np.datetime64("2014-01-01")}


@st.composite
def panels(draw):
    """Panels with missing weeks, missing labels, early and late known_at, a few stocks a week."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    weeks = FIRST_WEEK + 7 * np.flatnonzero(
        rng.random(WEEK_COUNT) > draw(st.sampled_from([0.0, 0.1]))
    )
    stock_count = draw(st.integers(1, 4))
    week_dates = np.repeat(weeks, stock_count)
    label_days = draw(st.sampled_from([7, 10, 17, 31]))
    known_at = week_dates + np.timedelta64(label_days, "D")
    early = rng.random(len(known_at)) < 0.1
    known_at[early] -= np.timedelta64(5, "D")
    target = np.where(rng.random(len(known_at)) < 0.1, np.nan, rng.standard_normal(len(known_at)))
    known_at[np.isnan(target)] = np.datetime64("NaT")
    return Panel(
        features=np.zeros((len(week_dates), 1), dtype=np.float32),
        feature_names=("factor",),
        symbol_codes=np.tile(np.arange(stock_count, dtype=np.int32), len(weeks)),
        symbols=np.array([f"{number:06d}.SZ" for number in range(stock_count)]),
        week_dates=week_dates,
        target=target,
        raw_label=target,
        label_known_at=known_at,
        tradable=rng.random(len(known_at)) > 0.1,
        uses_future=np.zeros(len(known_at), dtype=np.bool_),
    )


RULES = st.one_of(
    st.just(TrainingRules.paper()),
    st.integers(0, 3).map(lambda weeks: TrainingRules.practitioner(embargo_weeks=weeks)),
)
MODES = st.sampled_from(["expanding", "fixed_2y"])


@settings(max_examples=150, deadline=None)
@given(panels(), RULES, MODES)
def test_parts_are_disjoint_and_in_time_order(panel, rules, mode):
    split = split_weeks(panel, WINDOW, rules, mode)
    fit, purged, stop, test = (
        panel.week_dates[rows]
        for rows in (split.fit_rows, split.purged_rows, split.stop_rows, split.test_rows)
    )
    assert fit.max() < stop.min()
    assert stop.max() < test.min()
    assert not set(fit) & set(stop)
    assert len(purged) == 0 or purged.max() < stop.min()
    rows = np.concatenate([split.train_rows, split.test_rows])
    assert len(np.unique(rows)) == len(rows)


@settings(max_examples=150, deadline=None)
@given(panels(), RULES, MODES)
def test_no_label_spans_a_border_it_must_not(panel, rules, mode):
    split = split_weeks(panel, WINDOW, rules, mode)
    first_stop = panel.week_dates[split.stop_rows].min()
    assert (panel.label_known_at[split.fit_rows] <= first_stop).all()
    if rules.requires_known_label:
        first_test = panel.week_dates[split.test_rows].min()
        assert (panel.label_known_at[split.train_rows] <= first_test).all()
        assert panel.tradable[split.train_rows].all()
        assert not split.uses_future


@settings(max_examples=150, deadline=None)
@given(panels(), RULES, MODES)
def test_nothing_is_lost(panel, rules, mode):
    """Rows before the window train, unless a stated rule keeps them out; test weeks are whole."""
    split = split_weeks(panel, WINDOW, rules, mode)
    in_window = WINDOW.contains(panel.week_dates)
    assert split.test_rows.tolist() == np.flatnonzero(in_window).tolist()
    first_test = panel.week_dates[split.test_rows].min()
    allowed = (panel.week_dates < first_test) & np.isfinite(panel.target)
    allowed &= panel.week_dates >= FIRST_DAY[mode]
    assert np.isin(split.train_rows, np.flatnonzero(allowed)).all()
    if rules.requires_known_label:
        allowed &= panel.tradable & (panel.label_known_at <= first_test)
    left_out = np.setdiff1d(np.flatnonzero(allowed), split.train_rows)
    if rules.embargo_weeks == 0:
        assert len(left_out) == 0
    else:
        # Only an unbroken run of weeks at the very end may be missing.
        last_training_week = panel.week_dates[split.train_rows].max()
        assert (panel.week_dates[left_out] > last_training_week).all()


@settings(max_examples=100, deadline=None)
@given(panels(), RULES, MODES)
def test_stopping_weeks_are_the_last_fifth(panel, rules, mode):
    split = split_weeks(panel, WINDOW, rules, mode)
    train_weeks = np.unique(panel.week_dates[split.train_rows])
    stop_weeks = np.unique(panel.week_dates[split.stop_rows])
    assert stop_weeks.tolist() == train_weeks[-len(stop_weeks) :].tolist()
    assert len(stop_weeks) == max(1, int(0.2 * len(train_weeks)))
