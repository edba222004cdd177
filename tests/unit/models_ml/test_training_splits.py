from dataclasses import replace

import numpy as np
import pytest

from models_ml.rules import TrainingRules
from models_ml.splits import split_weeks
from models_ml.windows import TestWindow

WINDOW = TestWindow("2016H1")  # first week_date 2016-01-01, the 105th week of the panel


def weeks_of(panel, rows):
    """Positions of the weeks of some rows among the panel's weeks."""
    return np.unique(np.searchsorted(panel.weeks, panel.week_dates[rows])).tolist()


def test_practitioner_weeks_by_hand(panel):
    """VWAP labels of week w are known in week w + 2: 102 is the last eligible, and embargoed."""
    split = split_weeks(panel, WINDOW, TrainingRules.practitioner(), "expanding")
    assert weeks_of(panel, split.test_rows) == list(range(104, 130))
    assert weeks_of(panel, split.train_rows) == list(range(102))  # 102 weeks: 20 of them stop
    assert weeks_of(panel, split.stop_rows) == list(range(82, 102))
    assert weeks_of(panel, split.fit_rows) == list(range(81))
    assert weeks_of(panel, split.purged_rows) == [81]
    assert not split.uses_future


def test_without_embargo_the_last_week_with_known_labels_trains(panel):
    rules = TrainingRules.practitioner(embargo_weeks=0)
    split = split_weeks(panel, WINDOW, rules, "expanding")
    assert weeks_of(panel, split.train_rows)[-1] == 102


def test_close_labels_are_known_a_week_earlier(panel_of):
    """Close to close, week w is known at the close of w + 1: the week before the window counts."""
    panel = panel_of(label_days=7)
    without = TrainingRules.practitioner(embargo_weeks=0)
    assert weeks_of(panel, split_weeks(panel, WINDOW, without, "expanding").train_rows)[-1] == 103
    split = split_weeks(panel, WINDOW, TrainingRules.practitioner(), "expanding")
    assert weeks_of(panel, split.train_rows)[-1] == 102
    assert len(weeks_of(panel, split.purged_rows)) == 1


def test_longer_embargo(panel):
    rules = TrainingRules.practitioner(embargo_weeks=4)
    split = split_weeks(panel, WINDOW, rules, "expanding")
    assert weeks_of(panel, split.train_rows)[-1] == 98


def test_one_label_known_early_does_not_stand_in_for_the_embargo(panel):
    """A delisting in the week before the window must not take the place of the embargoed week."""
    known_at = panel.label_known_at.copy()
    known_at[103 * 60] = panel.weeks[104]
    split = split_weeks(
        replace(panel, label_known_at=known_at), WINDOW, TrainingRules.practitioner(), "expanding"
    )
    assert weeks_of(panel, split.train_rows) == list(range(102))


def test_long_labels_are_purged_for_their_whole_span(panel_of):
    """A four-week label overlaps the stopping weeks for four weeks, whatever purge_weeks says."""
    panel = panel_of(label_days=31)
    split = split_weeks(panel, WINDOW, TrainingRules.practitioner(), "expanding")
    first_stop = panel.week_dates[split.stop_rows[0]]
    assert panel.label_known_at[split.fit_rows].max() <= first_stop
    assert len(weeks_of(panel, split.purged_rows)) == 4


def test_paper_trains_up_to_the_window_and_says_so(panel):
    split = split_weeks(panel, WINDOW, TrainingRules.paper(), "expanding")
    assert weeks_of(panel, split.train_rows) == list(range(104))
    assert split.uses_future


def test_paper_with_labels_known_in_time_uses_no_future(panel_of):
    split = split_weeks(panel_of(label_days=7), WINDOW, TrainingRules.paper(), "expanding")
    assert not split.uses_future


def test_universe_chosen_with_foresight_is_marked(panel_of):
    panel = panel_of(label_days=7)
    chosen = np.zeros(panel.row_count, dtype=np.bool_)
    chosen[0] = True
    split = split_weeks(
        replace(panel, uses_future=chosen), WINDOW, TrainingRules.paper(), "expanding"
    )
    assert split.uses_future


def test_two_years_begin_two_years_before_the_window(panel_of):
    panel = panel_of(week_count=140)
    split = split_weeks(panel, TestWindow("2016H2"), TrainingRules.practitioner(), "fixed_2y")
    assert panel.week_dates[split.train_rows[0]] == np.datetime64("2014-07-04")
    expanding = split_weeks(panel, TestWindow("2016H2"), TrainingRules.practitioner(), "expanding")
    assert panel.week_dates[expanding.train_rows[0]] == np.datetime64("2014-01-03")


def test_practitioner_leaves_out_untradable_and_missing_labels(panel):
    tradable, target = panel.tradable.copy(), panel.target.copy()
    tradable[7], target[11] = False, np.nan
    changed = replace(panel, tradable=tradable, target=target)
    practitioner = split_weeks(changed, WINDOW, TrainingRules.practitioner(), "expanding")
    assert not {7, 11} & set(practitioner.train_rows.tolist())
    paper = split_weeks(changed, WINDOW, TrainingRules.paper(), "expanding")
    assert 7 in paper.train_rows
    assert 11 not in paper.train_rows


def test_untradable_stock_is_still_forecast(panel):
    tradable = np.zeros(panel.row_count, dtype=np.bool_)
    tradable[: 104 * 60] = True
    split = split_weeks(
        replace(panel, tradable=tradable), WINDOW, TrainingRules.practitioner(), "expanding"
    )
    assert len(split.test_rows) == 26 * 60


def test_window_outside_the_panel_is_refused(panel):
    with pytest.raises(ValueError, match="2021H1.*from 2014-01-03 to 2016-06-24"):
        split_weeks(panel, TestWindow("2021H1"), TrainingRules.paper(), "expanding")


def test_too_few_training_weeks_are_refused(panel):
    with pytest.raises(ValueError, match="at least 20 training weeks before 2014H1, found 0"):
        split_weeks(panel, TestWindow("2014H1"), TrainingRules.practitioner(), "expanding")


def test_labels_of_unknown_date_never_train_a_practitioner(panel):
    unknown = replace(panel, label_known_at=np.full(panel.row_count, "NaT", dtype="M8[D]"))
    with pytest.raises(ValueError, match="found 0"):
        split_weeks(unknown, WINDOW, TrainingRules.practitioner(), "expanding")
