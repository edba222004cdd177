"""A panel without gaps."""

from __future__ import annotations

import numpy as np
import pytest

from models_ml.full_panel import full_panel

WEEKS = np.datetime64("2020-01-03") + 7 * np.arange(2)


def test_every_stock_has_a_row_in_every_week() -> None:
    features = np.arange(18, dtype=np.float32).reshape(6, 3)
    panel = full_panel(features, np.arange(6.0), WEEKS, label_days=10)
    assert panel.symbols.tolist() == ["000000.SH", "000001.SH", "000002.SH"]
    assert panel.symbol_codes.tolist() == [0, 1, 2, 0, 1, 2]
    assert panel.week_dates.tolist() == np.repeat(WEEKS, 3).tolist()
    assert (panel.label_known_at - panel.week_dates == np.timedelta64(10, "D")).all()
    assert panel.raw_label is panel.target
    assert panel.tradable.all()


def test_rows_that_do_not_fill_the_weeks_are_refused() -> None:
    with pytest.raises(ValueError, match="5 rows are not the same number for each of 2 weeks"):
        full_panel(np.zeros((5, 3), dtype=np.float32), np.zeros(5), WEEKS, label_days=7)
