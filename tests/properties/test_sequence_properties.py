"""Sequences of generated panels against a loop over stocks and weeks."""

import numpy as np
from fixtures.panels import Market, make_panel
from hypothesis import given, settings
from hypothesis import strategies as st

from models_ml.panel import Panel
from models_ml.sequences import Sequences

FULL = make_panel(Market(week_count=14, stock_count=5, feature_count=2))


def kept(panel: Panel, rows: np.ndarray) -> Panel:
    names = ("symbol_codes", "week_dates", "target", "raw_label", "label_known_at")
    arrays = {name: getattr(panel, name)[rows] for name in (*names, "tradable", "uses_future")}
    return Panel(panel.features[rows], panel.feature_names, symbols=panel.symbols, **arrays)


def by_loop(panel: Panel, weeks: int) -> dict[int, list[int]]:
    """Rows of every sequence, by the row that ends it."""
    row_of = {
        (int(code), week): row
        for row, (code, week) in enumerate(
            zip(panel.symbol_codes, panel.week_dates.tolist(), strict=True)
        )
    }
    calendar = sorted({week for _, week in row_of})
    found = {}
    for (code, week), row in row_of.items():
        end = calendar.index(week)
        history = [row_of.get((code, each)) for each in calendar[max(0, end - weeks + 1) : end + 1]]
        if len(history) == weeks and None not in history:
            found[row] = history
    return found


@given(
    st.lists(st.booleans(), min_size=FULL.row_count, max_size=FULL.row_count).filter(any),
    st.integers(1, 6),
)
@settings(deadline=None, max_examples=150)
def test_sequences_are_those_of_a_loop(is_kept: list[bool], weeks: int) -> None:
    panel = kept(FULL, np.flatnonzero(is_kept))
    sequences = Sequences.of(panel, weeks)
    expected = by_loop(panel, weeks)
    ends = sequences.complete(np.arange(panel.row_count))
    assert set(ends.tolist()) == set(expected)
    ordered = sequences.sorted_by_stock(ends)
    assert ordered.tolist() == sorted(
        expected, key=lambda row: (panel.symbol_codes[row], panel.week_dates[row])
    )
    if len(ends):
        assert sequences.rows_of(ends).tolist() == [expected[row] for row in ends.tolist()]
