"""The one place where ingest meets the market simulator.

The simulator is imported when it is needed, so that a run on a user's tables never loads it.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, cast

from market_data.errors import SourceError
from market_data.source_spec import SimulatedSource

if TYPE_CHECKING:
    from market_data.simulator import MarketSize, SimulationConfig

# The stage of the simulator whose share tells how far a simulation is.
_MAIN_STAGE = "sessions"


def simulation_config(source: SimulatedSource) -> SimulationConfig:
    """Configuration of a simulated source.

    Raises
    ------
    SourceError
        For an unknown size or setting, or a value of the wrong kind.
    """
    from market_data.simulator import SimulationConfig

    try:
        preset = SimulationConfig.for_size(cast("MarketSize", source.size))
    except ValueError as error:
        raise SourceError(f"simulated:{source.size}: {error}") from error
    settable = {
        entry.name: getattr(preset, entry.name)
        for entry in dataclasses.fields(preset)
        if not dataclasses.is_dataclass(getattr(preset, entry.name)) and entry.name != "size"
    }
    overrides = {
        name: _converted(name, value, settable) for name, value in source.overrides.items()
    }
    try:
        return SimulationConfig.for_size(cast("MarketSize", source.size), **overrides)
    except ValueError as error:
        raise SourceError(f"simulated:{source.size}: {error}") from error


def _converted(name: str, value: object, settable: dict[str, object]) -> object:
    if name not in settable:
        raise SourceError(f"the simulator has no setting {name!r}; it has {', '.join(settable)}")
    expected = type(settable[name])
    if expected is float and type(value) is int:
        return float(value)
    if type(value) is not expected:
        raise SourceError(
            f"setting {name}: expected {expected.__name__}, such as {settable[name]}, "
            f"found {value!r}"
        )
    return value


def simulate_into(
    source: SimulatedSource,
    landing_dir: Path,
    truth_dir: Path,
    progress: Callable[[str], object],
    parts: int,
) -> None:
    """Write a simulated market and what is true of it into two directories.

    Parameters
    ----------
    progress
        Called `parts` times, evenly through the simulated sessions.
    """
    from market_data.simulator import simulate

    simulate(simulation_config(source), landing_dir, truth_dir, progress=_evenly(progress, parts))


def _evenly(progress: Callable[[str], object], parts: int) -> Callable[[str, float], None]:
    """Turn shares of the main stage into so many calls of `progress`."""
    outstanding = iter(range(1, parts + 1))
    threshold = next(outstanding, None)

    def advance(stage: str, share: float) -> None:
        nonlocal threshold
        while stage == _MAIN_STAGE and threshold is not None and share * parts >= threshold - 1e-9:
            progress(f"{stage} {threshold / parts:.0%}")
            threshold = next(outstanding, None)

    return advance


def simulation_fingerprint(source: SimulatedSource) -> str:
    """SHA-256 of everything that decides a simulated market: its configuration and the code."""
    config = dataclasses.asdict(simulation_config(source))
    digest = hashlib.sha256(json.dumps(config, sort_keys=True, default=str).encode())
    package = Path(__file__).parent / "simulator"
    for file in sorted(entry for entry in package.rglob("*") if entry.suffix in {".py", ".csv"}):
        digest.update(file.relative_to(package).as_posix().encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()
