import datetime as dt

import numpy as np
import pyarrow as pa
import pytest

from models_ml.panel import Panel, factor_columns

WEEKS = [dt.date(2016, 1, 8), dt.date(2016, 1, 15)]


def training_panel_table(**changes: pa.Array) -> pa.Table:
    """Two weeks of two stocks, sorted, with a NULL in every column that may hold one."""
    columns = {
        "rule_set": pa.array(["practitioner"] * 4),
        "symbol": pa.array(["000001.SZ", "600000.SH"] * 2),
        "week_date": pa.array([WEEKS[0]] * 2 + [WEEKS[1]] * 2, pa.date32()),
        "momentum": pa.array([1.0, None, 3.0, 4.0], pa.float32()),
        "turnover": pa.array([5.0, 6.0, 7.0, 8.0], pa.float32()),
        "fwd_return_1w_cum": pa.array([0.01, 0.02, None, 0.04]),
        "fwd_return_4w_cum": pa.array([0.1, 0.2, 0.3, 0.4]),
        "fwd_target_1w": pa.array([-1.0, 1.0, None, 0.5]),
        "label_known_at_1w": pa.array([WEEKS[1], WEEKS[1], None, WEEKS[1]], pa.date32()),
        "label_known_at_4w": pa.array([WEEKS[1]] * 4, pa.date32()),
        "label_tradable_1w": pa.array([True, False, None, True]),
        "label_tradable_4w": pa.array([True] * 4),
        "uses_future": pa.array([False, False, None, True]),
    }
    return pa.table({**columns, **changes})


def test_columns_become_arrays():
    panel = Panel.from_arrow(training_panel_table(), ["turnover", "momentum"])
    assert panel.features.dtype == np.float32
    assert panel.features.flags.c_contiguous
    np.testing.assert_array_equal(panel.features, [[5, 1], [6, np.nan], [7, 3], [8, 4]])
    assert panel.feature_names == ("turnover", "momentum")
    assert panel.symbols_of(np.arange(4)).tolist() == ["000001.SZ", "600000.SH"] * 2
    assert panel.weeks.astype(object).tolist() == WEEKS
    np.testing.assert_array_equal(panel.target, [-1.0, 1.0, np.nan, 0.5])
    np.testing.assert_array_equal(panel.raw_label, [0.01, 0.02, np.nan, 0.04])
    assert np.isnat(panel.label_known_at).tolist() == [False, False, True, False]
    assert panel.tradable.tolist() == [True, False, False, True]
    assert panel.uses_future.tolist() == [False, False, False, True]


def test_horizon_chooses_the_label():
    panel = Panel.from_arrow(training_panel_table(), ["momentum"], horizon_weeks=4)
    np.testing.assert_array_equal(panel.raw_label, [0.1, 0.2, 0.3, 0.4])


def test_rows_in_any_order_and_chunks_give_the_same_panel():
    table = training_panel_table()
    shuffled = pa.concat_tables([table.slice(3, 1), table.slice(0, 1), table.slice(1, 2)])
    expected = Panel.from_arrow(table, ["momentum", "turnover"])
    found = Panel.from_arrow(shuffled, ["momentum", "turnover"])
    np.testing.assert_array_equal(found.features, expected.features)
    np.testing.assert_array_equal(found.symbol_codes, expected.symbol_codes)
    np.testing.assert_array_equal(found.raw_label, expected.raw_label)


def test_factor_columns_leave_out_keys_and_labels():
    assert factor_columns(training_panel_table().schema) == ("momentum", "turnover")


def test_forward_looking_feature_is_refused():
    with pytest.raises(ValueError, match="forward-looking.*fwd_return_1w_cum"):
        Panel.from_arrow(training_panel_table(), ["momentum", "fwd_return_1w_cum"])


def test_absent_columns_are_all_named():
    table = training_panel_table().drop_columns(["fwd_target_1w", "uses_future"])
    with pytest.raises(ValueError, match=r"fwd_target_1w', 'size', 'uses_future"):
        Panel.from_arrow(table, ["momentum", "size"])


def test_infinite_feature_is_refused_by_name():
    table = training_panel_table(turnover=pa.array([1.0, np.inf, 1.0, 1.0], pa.float32()))
    with pytest.raises(ValueError, match=r"infinities in \['turnover'\]"):
        Panel.from_arrow(table, ["momentum", "turnover"])


def test_mixed_rule_sets_are_refused():
    mixed = pa.array(["paper", "practitioner"] * 2)
    with pytest.raises(ValueError, match="one rule set"):
        Panel.from_arrow(training_panel_table(rule_set=mixed), ["momentum"])


def test_a_key_that_occurs_twice_is_refused():
    table = training_panel_table()
    with pytest.raises(ValueError, match="each key once"):
        Panel.from_arrow(pa.concat_tables([table, table]), ["momentum"])


def test_consecutive_rows_are_not_copied(panel):
    assert np.shares_memory(panel.take(np.arange(5, 50)), panel.features)
    np.testing.assert_array_equal(panel.take(np.array([3, 8])), panel.features[[3, 8]])
    assert panel.take(np.array([], dtype=np.int64)).shape == (0, 6)


def test_weeks_after_a_day_are_left_out_without_a_copy():
    whole = Panel.from_arrow(training_panel_table(), ["momentum", "turnover"])
    first = whole.until(dt.date(2016, 1, 14))
    assert first.weeks.astype(object).tolist() == WEEKS[:1]
    assert first.row_count == 2
    assert np.shares_memory(first.features, whole.features)
    np.testing.assert_array_equal(first.raw_label, [0.01, 0.02])
    assert first.symbols_of(np.arange(2)).tolist() == ["000001.SZ", "600000.SH"]
    assert whole.until(WEEKS[1]).row_count == 4
    assert whole.until(dt.date(2015, 1, 1)).row_count == 0
