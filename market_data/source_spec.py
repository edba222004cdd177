"""What a source specification such as `simulated:tiny?seed=3` or `parquet:DIR` means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl

import yaml

from market_data.errors import SourceError, SourceNotAvailableError

DEFAULT_SIZE = "demo"
PLANNED_KINDS = ("qlib", "tushare", "baostock", "akshare")
AVAILABLE = "available are simulated[:SIZE][?NAME=VALUE&...] and parquet:DIR"


@dataclass(frozen=True)
class SimulatedSource:
    """A simulated market: the name of a size, and settings that replace those of the size."""

    size: str = DEFAULT_SIZE
    overrides: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class DirectorySource:
    """A directory of Parquet or CSV tables in the landing contract."""

    path: Path


Source = SimulatedSource | DirectorySource


def parse_source(source: str) -> Source:
    """Parse a source specification.

    Parameters
    ----------
    source
        `simulated[:SIZE][?NAME=VALUE&...]`, where the names are fields of the simulator's
        configuration; or `parquet:DIR`, a directory of Parquet or CSV tables.

    Raises
    ------
    SourceNotAvailableError
        For a kind of source that has no reader yet.
    SourceError
        For an unknown kind or a specification that cannot be parsed.
    """
    kind, _, argument = source.partition(":")
    if kind == "parquet":
        if not argument:
            raise SourceError(f"source {source!r} names no directory; write parquet:DIR")
        return DirectorySource(Path(argument).expanduser())
    # The settings may follow the kind at once: simulated?seed=3.
    name, _, settings = source.partition("?")
    kind, _, size = name.partition(":")
    if kind == "simulated":
        return SimulatedSource(size or DEFAULT_SIZE, _parse_settings(source, settings))
    if kind in PLANNED_KINDS:
        raise SourceNotAvailableError(f"source kind {kind!r} is not available yet; {AVAILABLE}")
    raise SourceError(f"unknown kind of source {kind!r} in {source!r}; {AVAILABLE}")


def _parse_settings(source: str, text: str) -> dict[str, object]:
    try:
        pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=True) if text else []
    except ValueError as error:
        raise SourceError(f"source {source!r}: write settings as NAME=VALUE&...") from error
    names = [name for name, _ in pairs]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise SourceError(f"source {source!r}: {', '.join(repeated)} is set more than once")
    return {name: _parse_value(source, value) for name, value in pairs}


def _parse_value(source: str, text: str) -> object:
    """Read a value as YAML does: numbers, dates, booleans, lists."""
    try:
        value: object = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise SourceError(f"source {source!r}: the value {text!r} cannot be read") from error
    return tuple(value) if isinstance(value, list) else value
