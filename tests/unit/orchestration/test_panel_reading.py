"""The training panel is read once for all windows, and again when the warehouse has changed."""

import os
import pickle
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pytest

from orchestration.lib import panel_reading
from orchestration.lib.panel_reading import PanelCache, load_panel

WEEKS = ("2019-12-27", "2020-01-03", "2020-01-10")


def write_panel(database: Path, momentum: float) -> None:
    """Three weeks of one stock under each rule set."""
    with duckdb.connect(str(database)) as connection:
        connection.sql("create schema if not exists ml")
        connection.sql(
            f"""
            create or replace table ml.fct_training_panel as
            select
                rule_set, 'A' as symbol, week_date::date as week_date,
                case when week_date < '2020' then '2019H2' else '2020H1' end as half_year_window,
                {momentum}::float as momentum, 0.5 as fwd_target_1w, 0.01 as fwd_return_1w_cum,
                week_date::date + 10 as label_known_at_1w, true as label_tradable_1w,
                rule_set = 'paper' as uses_future
            from (values ('paper'), ('practitioner')) as rules (rule_set),
                (values {", ".join(f"('{week}')" for week in WEEKS)}) as weeks (week_date)
            """
        )


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "warehouse.duckdb"
    write_panel(path, 1.0)
    return path


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Rule sets in the order in which they are read from the database."""
    seen: list[str] = []

    def counted(path: Path, rule_set: str) -> object:
        seen.append(rule_set)
        return load_panel(path, rule_set)

    monkeypatch.setattr(panel_reading, "load_panel", counted)
    return seen


def test_windows_of_a_rule_set_share_one_read(database: Path, reads: list[str]) -> None:
    cache = PanelCache(database)
    assert cache.until("paper", date(2019, 12, 31)).row_count == 1
    assert cache.until("paper", date(2020, 1, 5)).row_count == 2
    other = cache.until("practitioner", date(2020, 6, 30))
    assert other.row_count == 3
    assert not other.uses_future.any()
    assert reads == ["paper", "practitioner"]


def test_a_changed_warehouse_is_read_again(database: Path, reads: list[str]) -> None:
    cache = PanelCache(database)
    assert cache.until("paper", date(2020, 6, 30)).features[0, 0] == 1.0
    write_panel(database, 2.0)
    state = database.stat()
    os.utime(database, ns=(state.st_atime_ns, state.st_mtime_ns + 1))
    assert cache.until("paper", date(2020, 6, 30)).features[0, 0] == 2.0
    assert reads == ["paper", "paper"]


def test_memory_is_given_back(database: Path, reads: list[str]) -> None:
    cache = PanelCache(database)
    cache.until("paper", date(2020, 6, 30))
    cache.clear()
    cache.until("paper", date(2020, 6, 30))
    assert reads == ["paper", "paper"]


def test_shared_panels_outlast_a_change_of_the_database(
    database: Path, reads: list[str], tmp_path: Path
) -> None:
    """Whoever trains need not open a database that somebody else writes to."""
    cache = PanelCache(database)
    before = cache.until("paper", date(2020, 6, 30))
    assert cache.share([("paper", "paper")], tmp_path) > before.features.nbytes
    write_panel(database, 2.0)
    for each in (cache, pickle.loads(pickle.dumps(cache.for_process()))):
        shared = each.until("paper", date(2020, 1, 5))
        np.testing.assert_array_equal(shared.features, before.features[:2])
        assert shared.symbols.tolist() == before.symbols.tolist()
        assert not shared.features.flags.writeable
    # What was not shared is read.
    assert cache.until("practitioner", date(2020, 6, 30)).features[0, 0] == 2.0
    cache.clear()
    assert cache.until("paper", date(2020, 6, 30)).features[0, 0] == 2.0
    assert reads == ["paper", "practitioner", "paper"]
