from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orchestration.lib.handoff import (
    HandoffSchemaError,
    conform,
    empty_handoff_files,
    handoff_schema,
    write_handoff,
)
from orchestration.lib.handoff_schemas import HANDOFF

DAY = dt.date(2020, 3, 6)
ORDER: dict[str, list[Any]] = {
    "scenario_id": ["s1", "s1"],
    "rebalance_date": [DAY, DAY],
    "symbol": ["600000.SH", "000001.SZ"],
    "order_weight": [0.5, -0.25],
    "side": ["buy", "sell"],
}
FILES = [(kind, name) for kind, files in HANDOFF.items() for name in files]


def order_table(**changes: Any) -> pa.Table:
    columns = {**ORDER, **changes}
    return pa.table({name: values for name, values in columns.items() if values is not None})


def test_file_names_are_unique_over_all_kinds() -> None:
    names = [name for _, name in FILES]
    assert len(names) == len(set(names))


def test_empty_files_have_the_agreed_schema_and_no_rows(tmp_path: Path) -> None:
    directories = {kind: tmp_path / kind for kind in HANDOFF}
    written = empty_handoff_files(directories)
    assert {path.relative_to(tmp_path).as_posix() for path in written} == {
        f"{kind}/{name}.parquet" for kind, name in FILES
    }
    for path in written:
        table = pq.read_table(path)
        assert table.num_rows == 0
        assert table.schema.equals(handoff_schema(path.stem))


def test_empty_files_keep_earlier_results(tmp_path: Path) -> None:
    path = write_handoff(tmp_path, "order", order_table())
    written = empty_handoff_files({"optimizer_output": tmp_path})
    assert path not in written
    assert pq.read_table(path).num_rows == 2


def test_an_unknown_kind_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(HandoffSchemaError, match="nonsense"):
        empty_handoff_files({"model_output": tmp_path, "nonsense": tmp_path})
    assert list(tmp_path.iterdir()) == []


def test_the_warehouse_reads_the_agreed_types(tmp_path: Path) -> None:
    empty_handoff_files({"model_output": tmp_path})
    described = duckdb.sql(f"describe from '{tmp_path}/training_window.parquet'").fetchall()
    found = {row[0]: row[1] for row in described}
    assert found["window_start"] == "DATE"
    assert found["train_row_count"] == "BIGINT"
    assert found["in_sample_rank_ic"] == "DOUBLE"
    assert found["uses_future"] == "BOOLEAN"
    assert found["completed_at"] == "TIMESTAMP"


def test_columns_are_put_into_the_agreed_order(tmp_path: Path) -> None:
    shuffled = order_table().select(["side", "symbol", "scenario_id", "order_weight"])
    shuffled = shuffled.append_column("rebalance_date", pa.array([DAY, DAY]))
    path = write_handoff(tmp_path, "order", shuffled)
    assert pq.read_table(path).schema.names == list(ORDER)


def test_lossless_types_are_converted() -> None:
    noon_free = pa.array([dt.datetime(2020, 3, 6)] * 2, pa.timestamp("ns"))
    table = order_table(
        scenario_id=pa.array(["s1", "s1"], pa.large_string()),
        rebalance_date=noon_free,
        symbol=pa.array(ORDER["symbol"]).dictionary_encode(),
        order_weight=pa.array([1, -1], pa.int32()),
    )
    conformed = conform("order", table)
    assert conformed.schema.equals(handoff_schema("order"))
    assert conformed.to_pylist()[0] == {
        "scenario_id": "s1",
        "rebalance_date": DAY,
        "symbol": "600000.SH",
        "order_weight": 1.0,
        "side": "buy",
    }


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"side": None}, "column side is missing"),
        ({"extra": [1, 2]}, "column extra is not agreed"),
        ({"order_weight": ["0.5", "0.5"]}, "order_weight: expected double, found string"),
        ({"symbol": ["600000.SH", None]}, "symbol: 1 NULL where a value is required"),
        ({"order_weight": [float("nan"), 0.5]}, "order_weight: 1 values are NaN or infinite"),
        ({"order_weight": [float("inf"), 0.5]}, "order_weight: 1 values are NaN or infinite"),
        ({"order_weight": [True, False]}, "order_weight: expected double, found bool"),
        (
            {"rebalance_date": [dt.datetime(2020, 3, 6, 15), dt.datetime(2020, 3, 6)]},
            "rebalance_date: expected whole days",
        ),
    ],
)
def test_faults_are_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(HandoffSchemaError, match=message):
        conform("order", order_table(**changes))


def test_all_faults_come_in_one_message() -> None:
    with pytest.raises(HandoffSchemaError) as caught:
        conform("order", order_table(side=None, extra=[1, 2], symbol=[None, None]))
    message = str(caught.value)
    assert message.startswith("order.parquet: ")
    assert all(word in message for word in ("side is missing", "extra is not agreed", "2 NULL"))


def test_a_column_given_twice_is_refused() -> None:
    table = order_table().append_column("side", pa.array(["buy", "sell"]))
    with pytest.raises(HandoffSchemaError, match="side occurs twice"):
        conform("order", table)


def test_counts_with_a_fraction_are_refused() -> None:
    schema = handoff_schema("nav_daily")
    row = {name: [1.0] for name in schema.names}
    row.update(scenario_id=["s1"], trade_date=[DAY], holding_count=[1.5])
    with pytest.raises(HandoffSchemaError, match=r"holding_count: .*1\.5"):
        conform("nav_daily", pa.table(row))


def test_optional_columns_may_be_null() -> None:
    table = pa.table(
        {
            "run_id": ["r"],
            "rule_set": ["paper"],
            "model": ["m"],
            "horizon_weeks": pa.array([4], pa.int64()),
            "label_kind": ["single"],
            "statistic": ["ir"],
            "value": pa.nulls(1),
        }
    )
    assert conform("rank_ic_statistic", table).to_pylist()[0]["value"] is None


def test_a_refused_table_leaves_the_old_file_and_no_rubbish(tmp_path: Path) -> None:
    path = write_handoff(tmp_path, "order", order_table())
    with pytest.raises(HandoffSchemaError):
        write_handoff(tmp_path, "order", order_table(side=None))
    assert [file.name for file in tmp_path.iterdir()] == ["order.parquet"]
    assert pq.read_table(path).num_rows == 2


def test_a_failed_write_leaves_the_old_file_and_no_rubbish(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_handoff(tmp_path, "order", order_table())

    def half_written(_: pa.Table, where: Path, **__: Any) -> None:
        where.write_bytes(b"PAR1")
        raise OSError("disk full")

    monkeypatch.setattr("orchestration.lib.handoff.pq.write_table", half_written)
    with pytest.raises(OSError, match="disk full"):
        write_handoff(tmp_path, "order", order_table())
    assert [file.name for file in tmp_path.iterdir()] == ["order.parquet"]
    assert pq.read_table(path).num_rows == 2


def test_an_unknown_file_is_refused_with_the_known_names() -> None:
    with pytest.raises(HandoffSchemaError, match=r"'orders'.*order"):
        handoff_schema("orders")
