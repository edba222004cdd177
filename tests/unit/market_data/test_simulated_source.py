"""Simulated markets as a source."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from fixtures.landing import valid_tables, write_directory

from market_data.contract import LANDING_TABLES
from market_data.errors import LandingRefusedError, SourceError
from market_data.ingest import land, read_manifest, source_fingerprint
from market_data.simulated import simulation_config
from market_data.simulator import SimulationConfig
from market_data.source_spec import SimulatedSource, parse_source


def config_of(text: str) -> SimulationConfig:
    source = parse_source(text)
    assert isinstance(source, SimulatedSource)
    return simulation_config(source)


def test_settings_replace_those_of_the_size() -> None:
    plain = SimulationConfig.for_size("tiny")
    config = config_of("simulated:tiny?seed=3&signal=0&end_date=2021-06-30")
    assert config == SimulationConfig.for_size(
        "tiny", seed=3, signal=0.0, end_date=dt.date(2021, 6, 30)
    )
    assert isinstance(config.signal, float)
    assert config_of("simulated:tiny?interactions=true").interactions
    assert config_of("simulated:tiny") == plain


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("simulated:huge", "unknown size 'huge'"),
        ("simulated:tiny?sed=3", r"no setting 'sed'.*seed"),
        ("simulated:tiny?size=demo", "no setting 'size'"),
        ("simulated:tiny?seed=three", "expected int, such as 5, found 'three'"),
        ("simulated:tiny?seed=true", "expected int"),
        ("simulated:tiny?signal=9", "between 0 and 3"),
        ("simulated:tiny?interactions=1", "expected bool, such as False, found 1"),
    ],
)
def test_faulty_settings_are_refused(text: str, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        config_of(text)


def test_the_fingerprint_follows_every_setting() -> None:
    texts = [
        "simulated:tiny",
        "simulated:demo",
        "simulated:tiny?seed=2",
        "simulated:tiny?signal=0",
        "simulated:tiny?interactions=true",
        "simulated:tiny?end_date=2021-06-30",
    ]
    assert len({source_fingerprint(text) for text in texts}) == len(texts)
    assert source_fingerprint("simulated:tiny?seed=5") == source_fingerprint("simulated:tiny")


Simulate = Callable[..., None]


def fake_simulator(tables: dict[str, object]) -> Simulate:
    """A simulator that takes two steps and writes the given tables."""

    def simulate(
        config: SimulationConfig,
        landing_dir: Path,
        truth_dir: Path,
        *,
        progress: Callable[[str, float], None],
    ) -> None:
        progress("fundamentals", 1.0)
        progress("sessions", 0.5)
        progress("sessions", 1.0)
        write_directory(tables, landing_dir)
        pq.write_table(valid_tables()["dividends"], truth_dir / "expected_return.parquet")

    return simulate


def test_a_simulated_market_lands_like_any_other_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = valid_tables()
    tables["daily_bars"] = tables["daily_bars"].sort_by("trade_date")
    monkeypatch.setattr("market_data.simulator.simulate", fake_simulator(tables))
    told: list[str] = []

    manifest = land(
        "simulated:tiny", tmp_path / "landing", tmp_path / "truth", progress=told.append
    )

    source = write_directory(valid_tables(), tmp_path / "source")
    same = land(f"parquet:{source}", tmp_path / "other", tmp_path / "other_truth")
    for table in same.tables:
        found = pq.read_table(tmp_path / "landing" / table.file)
        assert found.equals(pq.read_table(tmp_path / "other" / table.file)), table.name
    assert read_manifest(tmp_path / "landing") == manifest
    assert [file.name for file in (tmp_path / "truth").iterdir()] == ["expected_return.parquet"]
    assert {entry.name for entry in tmp_path.iterdir()} == {
        "landing", "truth", "source", "other", "other_truth",
    }  # fmt: skip
    assert len(told) == len(LANDING_TABLES)
    assert told[-1] == "sessions 100%"


def test_a_simulator_that_breaks_the_contract_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = valid_tables()
    tables["instruments"] = tables["instruments"].slice(0, 4)
    monkeypatch.setattr("market_data.simulator.simulate", fake_simulator(tables))

    with pytest.raises(LandingRefusedError, match="symbol_not_in_instruments"):
        land("simulated:tiny", tmp_path / "landing", tmp_path / "truth")

    assert list(tmp_path.iterdir()) == []
