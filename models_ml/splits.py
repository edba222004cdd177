"""Which rows fit a model, which stop it, and which judge it: method.md sections 1 and 5 in code.

Time runs: fitting weeks, purge, stopping weeks, embargo and unknown labels, test weeks.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from models_ml.arrays import Booleans, Dates, Rows
from models_ml.panel import Panel
from models_ml.rules import TrainingRules
from models_ml.windows import TestWindow

WindowMode = Literal["expanding", "fixed_2y"]
_FIXED_YEARS = 2


@dataclass(frozen=True, eq=False)
class TrainingSplit:
    """Row numbers of one window, each part ascending, no row in two of fit, purged, stop, test.

    Parameters
    ----------
    window
        The test window.
    fit_rows, purged_rows, stop_rows
        The training rows, in time order: to fit, left out between the two, to stop.
    test_rows
        Every row of the window's weeks, with or without a label.
    uses_future
        Some training row has a label that was not known at the window's first week_date, or
        some training or test row was chosen with foresight.
    """

    window: TestWindow
    fit_rows: Rows
    purged_rows: Rows
    stop_rows: Rows
    test_rows: Rows
    uses_future: bool

    @property
    def train_rows(self) -> Rows:
        """All training rows: fitting, purged and stopping ones, ascending."""
        return np.sort(np.concatenate([self.fit_rows, self.purged_rows, self.stop_rows]))

    @property
    def in_sample_rows(self) -> Rows:
        """Fitting and stopping rows together, ascending."""
        return np.concatenate([self.fit_rows, self.stop_rows])


def split_weeks(
    panel: Panel, window: TestWindow, rules: TrainingRules, window_mode: WindowMode
) -> TrainingSplit:
    """Split the rows of a panel for one test window.

    A row trains if its week lies before the window (and, in mode 'fixed_2y', at most two years
    before its first day), it has a target and, as the rules say, a tradable label that was known
    at the window's first week_date; the last `embargo_weeks` eligible weeks are then dropped. The
    last `stop_share` of the training weeks stop; fitting rows are the ones before, less
    `purge_weeks` weeks and less every label not known at the first stopping week_date.

    Raises
    ------
    ValueError
        If the window has no week in the panel, or too few weeks are left to train on.
    """
    in_window = window.contains(panel.week_dates)
    if not in_window.any():
        raise ValueError(
            f"expected weeks of {window.label} in the panel, which runs from "
            f"{panel.weeks[0] if len(panel.weeks) else 'nowhere'} to "
            f"{panel.weeks[-1] if len(panel.weeks) else 'nowhere'}"
        )
    test_rows = np.flatnonzero(in_window)
    first_week = panel.week_dates[test_rows[0]]
    trains = _training_mask(panel, window, rules, window_mode, first_week)
    fits, stops = _fit_and_stop(panel, rules, trains, window)
    foresight = trains & ~_known(panel.label_known_at, first_week)
    chosen_with_foresight = panel.uses_future & (trains | in_window)
    return TrainingSplit(
        window=window,
        fit_rows=np.flatnonzero(fits),
        purged_rows=np.flatnonzero(trains & ~fits & ~stops),
        stop_rows=np.flatnonzero(stops),
        test_rows=test_rows,
        uses_future=bool(foresight.any() or chosen_with_foresight.any()),
    )


def _known(known_at: Dates, day: np.datetime64) -> Booleans:
    # A comparison with NaT is false: a label without a date is never known.
    return np.asarray(known_at <= day, dtype=np.bool_)


def _training_mask(
    panel: Panel,
    window: TestWindow,
    rules: TrainingRules,
    window_mode: WindowMode,
    first_week: np.datetime64,
) -> Booleans:
    trains = np.asarray(panel.week_dates < first_week, dtype=np.bool_)
    if window_mode == "fixed_2y":
        trains &= panel.week_dates >= np.datetime64(window.years_before(_FIXED_YEARS), "D")
    if rules.embargo_weeks > 0:
        trains &= panel.week_dates < _embargo_start(panel, trains, rules, first_week)
    trains &= np.isfinite(panel.target)
    if rules.requires_tradable:
        trains &= panel.tradable
    if rules.requires_known_label:
        trains &= _known(panel.label_known_at, first_week)
    return trains


def _embargo_start(
    panel: Panel, candidates: Booleans, rules: TrainingRules, first_week: np.datetime64
) -> np.datetime64:
    """First week_date of the embargo: eligible is a week with most of its labels known.

    A delisting makes single labels known early; were one such row enough, the embargo would
    drop it in place of the week it is meant for.
    """
    labelled = candidates & ~np.isnat(panel.label_known_at)
    known = labelled & _known(panel.label_known_at, first_week)
    week_of = np.searchsorted(panel.weeks, panel.week_dates)
    label_count = np.bincount(week_of[labelled], minlength=len(panel.weeks))
    known_count = np.bincount(week_of[known], minlength=len(panel.weeks))
    eligible = panel.weeks[(label_count > 0) & (2 * known_count >= label_count)]
    if len(eligible) == 0:
        return first_week
    return np.datetime64(eligible[max(0, len(eligible) - rules.embargo_weeks)])


def _fit_and_stop(
    panel: Panel, rules: TrainingRules, trains: Booleans, window: TestWindow
) -> tuple[Booleans, Booleans]:
    training_weeks = np.unique(panel.week_dates[trains])
    if len(training_weeks) < rules.minimum_training_weeks:
        raise ValueError(
            f"expected at least {rules.minimum_training_weeks} training weeks before "
            f"{window.label}, found {len(training_weeks)}: begin the test windows later or the "
            "panel earlier"
        )
    stop_count = max(1, int(len(training_weeks) * rules.stop_share))
    first_stop = training_weeks[-stop_count]
    stops = trains & (panel.week_dates >= first_stop)
    before = np.searchsorted(panel.weeks, first_stop)
    purge_start = panel.weeks[max(0, before - rules.purge_weeks)]
    fits = trains & (panel.week_dates < purge_start)
    fits &= _known(panel.label_known_at, first_stop)
    if not fits.any():
        raise ValueError(
            f"expected fitting weeks before {first_stop} for {window.label}, found none with "
            f"labels known by then (purge of {rules.purge_weeks} weeks)"
        )
    return fits, stops
