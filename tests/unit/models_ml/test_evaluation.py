import datetime as dt

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from models_ml.evaluation import (
    P_VALUE_SCHEMA,
    STATISTIC_SCHEMA,
    rank_ic_p_values,
    rank_ic_statistics,
)
from models_ml.metrics import STATISTICS, rank_ic_summary, spearman_p_value

WEEKS = [dt.date(2016, 1, 8) + dt.timedelta(days=7 * number) for number in range(6)]


def weekly_table() -> pa.Table:
    """Two series of six weeks, weeks in reverse order, the second with a week without value."""
    first = [0.1, 0.2, -0.1, 0.05, 0.3, 0.0]
    second = [0.2, None, 0.1, 0.2, -0.2, 0.1]
    rows = [
        {
            "run_id": "run",
            "rule_set": "practitioner",
            "model": model,
            "horizon_weeks": horizon,
            "label_kind": "cumulative",
            "week_date": week,
            "rank_ic": value,
            "stock_count": 100 if value is not None else 12,
            "group_count": 10,
        }
        for model, horizon, values in (("ridge", 1, first), ("xgboost", 4, second))
        for week, value in zip(WEEKS, values, strict=True)
    ]
    return pa.Table.from_pylist(rows[::-1])


def test_p_values_have_the_types_of_their_file():
    found = rank_ic_p_values(weekly_table())
    assert found.schema.equals(P_VALUE_SCHEMA)
    assert found.num_rows == 12
    rows = found.to_pylist()
    assert [row["week_date"] for row in rows[:6]] == WEEKS
    t = 0.2 * np.sqrt(98 / (1 - 0.04))
    assert rows[1]["p_value"] == pytest.approx(2 * stats.t.sf(t, 98))
    assert [row["p_value"] is None for row in rows[6:]] == [False, True, False, False, False, False]


def test_statistics_of_each_series():
    found = rank_ic_statistics(weekly_table())
    assert found.schema.equals(STATISTIC_SCHEMA)
    rows = found.to_pylist()
    assert [row["statistic"] for row in rows] == [*STATISTICS, *STATISTICS]
    values = {(row["model"], row["statistic"]): row["value"] for row in rows}
    series = np.array([0.2, np.nan, 0.1, 0.2, -0.2, 0.1])
    p_value = spearman_p_value(series, np.full(6, 100))
    expected = rank_ic_summary(series, p_value, horizon_weeks=4)
    for name in STATISTICS:
        if np.isnan(expected[name]):
            assert values["xgboost", name] is None
        else:
            assert values["xgboost", name] == pytest.approx(expected[name]), name
    assert values["ridge", "week_count"] == 6


def test_no_rows_give_empty_tables_of_the_same_types():
    empty = weekly_table().slice(0, 0)
    assert rank_ic_p_values(empty).schema.equals(P_VALUE_SCHEMA)
    statistics = rank_ic_statistics(empty)
    assert statistics.schema.equals(STATISTIC_SCHEMA)
    assert statistics.num_rows == 0


def test_a_week_that_occurs_twice_is_refused():
    table = weekly_table()
    with pytest.raises(ValueError, match="one row per"):
        rank_ic_statistics(pa.concat_tables([table, table.slice(0, 1)]))


def test_absent_columns_are_named():
    with pytest.raises(ValueError, match="stock_count"):
        rank_ic_p_values(weekly_table().drop_columns(["stock_count"]))
