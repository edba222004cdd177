from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fixtures.simulated_market import run_market

from market_data.simulator import SimulationConfig, simulate
from market_data.simulator.sessions import session_calendar

BURN_IN = 525


def contents(directory: Path) -> dict[str, pa.Table]:
    return {path.stem: pq.read_table(path) for path in sorted(directory.rglob("*.parquet"))}


def test_same_seed_gives_identical_files(small_config: SimulationConfig, tmp_path: Path) -> None:
    run_market(small_config, tmp_path / "first")
    run_market(small_config, tmp_path / "second")
    first, second = contents(tmp_path / "first"), contents(tmp_path / "second")
    assert first.keys() == second.keys()
    assert all(first[name].equals(second[name]) for name in first)


def test_another_seed_gives_another_market(small_config: SimulationConfig, tmp_path: Path) -> None:
    one = run_market(small_config, tmp_path / "first").table("daily_bars")
    other = run_market(replace(small_config, seed=99), tmp_path / "second").table("daily_bars")
    assert not one["close"].head(40).equals(other["close"].head(40))


def test_progress_ends_at_one(small_config: SimulationConfig, tmp_path: Path) -> None:
    seen: list[tuple[str, float]] = []
    simulate(
        small_config,
        tmp_path / "landing",
        tmp_path / "truth",
        progress=lambda stage, share: seen.append((stage, share)),
    )
    shares = [share for stage, share in seen if stage == "sessions"]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert seen[-1] == ("tables", 1.0)


@pytest.mark.parametrize(
    ("size", "first_counted_week"),
    [("tiny", date(2019, 8, 9)), ("demo", date(2016, 1, 8)), ("paper", date(2010, 2, 5))],
)
def test_presets_leave_room_for_the_burn_in(size: str, first_counted_week: date) -> None:
    config = SimulationConfig.for_size(size)  # type: ignore[arg-type]
    calendar = session_calendar(config.start_date, config.end_date)
    assert calendar.position(first_counted_week) >= BURN_IN
    assert sum(config.index_sizes[:2]) < config.stocks_at_start


def test_unknown_sizes_and_fields_are_refused() -> None:
    with pytest.raises(ValueError, match="tiny, demo, paper"):
        SimulationConfig.for_size("huge")  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        SimulationConfig.for_size("tiny", stock_count=3)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"signal": -0.5}, "signal"),
        ({"stocks_at_start": 500}, "stocks_at_start"),
        ({"end_date": date(2010, 1, 1)}, "start_date"),
    ],
)
def test_contradictory_settings_are_refused(overrides: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SimulationConfig.for_size("tiny", **overrides)


def test_an_interrupted_simulation_leaves_no_table(
    small_config: SimulationConfig, tmp_path: Path
) -> None:
    def stop(stage: str, share: float) -> None:
        if stage == "sessions":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simulate(small_config, tmp_path / "landing", tmp_path / "truth", progress=stop)
    assert list((tmp_path / "landing").iterdir()) == []
    assert list((tmp_path / "truth").iterdir()) == []
