"""Python reads the warehouse, never writes it."""

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from orchestration.lib.warehouse import (
    WarehouseInUseError,
    WarehouseNotBuiltError,
    WarehouseUnreadableError,
    content_hash,
    query,
    read_only,
    replay_log,
    table_columns,
)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "w.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.sql("create table t as select range as a, range / 7 as b from range(100)")
    return path


def test_a_missing_file_names_the_remedy(tmp_path: Path) -> None:
    with (
        pytest.raises(WarehouseNotBuiltError, match="ashare run"),
        read_only(tmp_path / "none.duckdb"),
    ):
        pass


def test_writing_is_refused(database: Path) -> None:
    with read_only(database) as connection, pytest.raises(duckdb.InvalidInputException):
        connection.sql("insert into t values (1, 2)")


def test_the_file_is_released_after_an_error(database: Path) -> None:
    with pytest.raises(duckdb.CatalogException):
        query(database, "select * from nonesuch")
    with duckdb.connect(str(database)) as connection:
        connection.sql("insert into t values (1000, 2.0)")


def test_content_hash_ignores_the_order_of_rows_and_sees_every_value(database: Path) -> None:
    with duckdb.connect(str(database)) as connection:
        connection.sql("create table reordered as select * from t order by b desc")
        connection.sql(
            "create table changed as select a, case a when 50 then b + 1e-15 else b end as b from t"
        )
        original = content_hash(connection, "t", ["a", "b"])
        hashes = {
            name: content_hash(connection, f"(select * from {name}) as rows_of", ["a", "b"])
            for name in ("t", "reordered", "changed")
        }
    assert hashes["t"] == hashes["reordered"]
    assert hashes["t"] != hashes["changed"]
    assert hashes["t"] == original


def test_columns_in_order(database: Path) -> None:
    assert table_columns(database, "main", "t") == ["a", "b"]
    assert table_columns(database, "main", "nonesuch") == []


def kill_while_writing(database: Path) -> Path:
    """Leave the log of a process that was killed after a commented table with a check."""
    script = (
        "import os, sys, duckdb\n"
        "connection = duckdb.connect(sys.argv[1])\n"
        "connection.execute('create table made (c double check (abs(c) < 5))')\n"
        "connection.execute('insert into made values (3)')\n"
        "connection.execute(\"comment on column made.c is 'of a killed process'\")\n"
        "os._exit(9)\n"
    )
    killed = subprocess.run([sys.executable, "-c", script, str(database)], check=False)
    assert killed.returncode == 9
    return database.with_name(f"{database.name}.wal")


def test_the_log_of_a_killed_process_is_read(database: Path) -> None:
    log = kill_while_writing(database)
    # The reason why there is something to do: by its path the file cannot be opened any more.
    with pytest.raises(duckdb.Error, match="replaying WAL"):
        duckdb.connect(str(database))
    with pytest.raises(WarehouseUnreadableError, match="run the experiment again"):
        query(database, "select c from made")
    replay_log(database)
    assert not log.exists()
    assert query(database, "select c from made").column("c").to_pylist() == [3.0]
    assert query(database, "select count(*) as n from t").column("n").to_pylist() == [100]


def test_without_a_log_nothing_is_done(database: Path, tmp_path: Path) -> None:
    before = database.stat().st_mtime_ns
    replay_log(database)
    replay_log(tmp_path / "none.duckdb")
    assert database.stat().st_mtime_ns == before
    assert not (tmp_path / "none.duckdb").exists()


def test_a_log_that_cannot_be_read_names_the_remedy_and_is_kept(database: Path) -> None:
    log = kill_while_writing(database)
    whole = database.read_bytes()
    database.write_bytes(b"not a database")
    with pytest.raises(WarehouseUnreadableError, match=r"(?s)w\.duckdb\.wal.*delete it and"):
        replay_log(database)
    assert log.exists()
    database.write_bytes(whole)
    replay_log(database)
    assert query(database, "select c from made").num_rows == 1


def test_a_living_writer_is_named_and_its_log_left_alone(database: Path) -> None:
    script = (
        "import sys, duckdb\n"
        "connection = duckdb.connect(sys.argv[1])\n"
        "connection.execute('create table made as select 1 as c')\n"
        "print('open', flush=True)\n"
        "sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(database)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "open\n"
        for use in (replay_log, lambda path: query(path, "select c from made")):
            with pytest.raises(WarehouseInUseError, match=f"process {writer.pid}"):
                use(database)
        writer.communicate()
    assert query(database, "select c from made").num_rows == 1
