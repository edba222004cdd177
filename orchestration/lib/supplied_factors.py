"""Factors that the user brings along: their names, and the dbt project that knows them.

The columns of the wide tables and their contracts are part of the dbt project, so an experiment
with factors of its own builds from a copy of the project, in which the catalogue and the files that
are generated from it name them too. The copy is derived, never edited.
"""

from __future__ import annotations

import csv
import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import duckdb

from market_data.reading import SourceMapping, extra_columns
from market_data.source_spec import DirectorySource, parse_source
from orchestration.lib.experiment import Experiment, ExperimentError
from orchestration.lib.factor_catalogue import (
    CATALOGUE,
    FactorDefinition,
    read_catalogue,
    render_generated,
)
from orchestration.lib.fingerprint import hash_text
from orchestration.lib.paths import DBT_PROJECT_DIR

EXPOSURES = "factor_exposures"
SUPPLIED = "supplied"
SNAKE_CASE = re.compile(r"[a-z][a-z0-9_]*")
# Columns that stand beside the factors in the tables they pass through.
TAKEN = frozenset(
    {"rule_set", "symbol", "week_date", "industry_code", "uses_future", "known_at", "factor"}
    | {"log_cap_centred", "log_cap_square_sum", "stock_count", "half_year_window", "window_start"}
)
TAKEN_PREFIXES = ("fwd_", "label_")
# Preprocessing keeps its steps in columns `<factor>_<step>`.
STEPS = (
    "centre", "clipped", "deviation", "distance_square_sum", "fill", "fill_square_sum", "fill_sum",
    "filled_deviation", "is_cancelled", "is_clipped", "lower", "mad", "mean_distance", "median",
    "missing_cap_sum", "present", "product_sum", "residual_square_sum", "scale", "slope",
    "square_sum", "sum", "upper", "within_square_sum",
)  # fmt: skip


def supplied_factors(experiment: Experiment) -> tuple[str, ...]:
    """Names of the factors that the source supplies and the experiment uses, in source order.

    Raises
    ------
    ExperimentError
        If the experiment wants supplied factors and the source has none, or a name cannot be used.
    """
    market = experiment.market
    if market.factor_set == "computed":
        return ()
    wanted = f"market.factor_set: {market.factor_set} needs the table {EXPOSURES}"
    source = parse_source(experiment.source)
    if not isinstance(source, DirectorySource):
        raise ExperimentError(
            f"{wanted}, and {experiment.source} has none: bring {EXPOSURES}.parquet in a source"
            " parquet:DIR, or write factor_set: computed"
        )
    mapping = SourceMapping(market.table_mapping, market.column_mapping)
    found = extra_columns(source.path, EXPOSURES, mapping)
    file = source.path / found.label
    if not found.is_there:
        raise ExperimentError(
            f"{wanted}, and there is no {file}: add it (symbol, week_date, one numeric column per"
            " factor), or write factor_set: computed"
        )
    if not found.kept:
        raise ExperimentError(
            f"{file} has no numeric column beside symbol and week_date (not numeric:"
            f" {list(found.dropped)}): store each factor as a number"
        )
    faults = list(name_faults(found.kept))
    if faults:
        listed = "\n".join(f"  {fault}" for fault in faults)
        raise ExperimentError(
            f"{file} has columns that cannot be factors:\n{listed}\n"
            f"rename them in the file or under market.column_mapping.{EXPOSURES}"
        )
    return found.kept


def name_faults(names: Sequence[str]) -> Iterator[str]:
    """Say of each name that cannot be that of a factor why, beside the computed ones."""
    computed = {row.factor for row in read_catalogue(DBT_PROJECT_DIR / CATALOGUE)}
    reserved = _reserved_words()
    steps = {f"{name}_{step}": name for name in (*computed, *names) for step in STEPS}
    for name in names:
        own_steps = [f"{name}_{step}" for step in STEPS if f"{name}_{step}" in TAKEN]
        if not SNAKE_CASE.fullmatch(name):
            yield f"{name!r}: not in snake_case (a-z, 0-9 and _, a letter first)"
        elif name in computed:
            yield f"{name!r}: the name of a computed factor"
        elif name in reserved:
            yield f"{name!r}: a reserved word of SQL"
        elif name in TAKEN or name.startswith(TAKEN_PREFIXES):
            yield f"{name!r}: a column of the warehouse that is no factor, or named like one"
        elif name in steps or own_steps:
            yield f"{name!r}: collides with a step of preprocessing, {steps.get(name, own_steps)}"


def _reserved_words() -> frozenset[str]:
    with duckdb.connect() as connection:
        rows = connection.sql(
            "select keyword_name from duckdb_keywords() where keyword_category <> 'unreserved'"
        ).fetchall()
    return frozenset(row[0] for row in rows)


def write_project(directory: Path, factor_set: str, names: Sequence[str], *, key: str) -> None:
    """Write a copy of the dbt project whose wide tables hold the supplied factors.

    Parameters
    ----------
    directory
        Where the copy lies; what was there is replaced unless it is the same.
    factor_set
        `both`: behind the computed factors; `supplied`: alone.
    names
        The supplied factors.
    key
        Hash of the project that is copied.
    """
    key_file = directory / "project_key"
    full_key = hash_text(key, factor_set, *names, *map(str, asdict(_defined(1, "")).values()))
    if key_file.exists() and key_file.read_text() == full_key:
        return
    shutil.rmtree(directory, ignore_errors=True)
    shutil.copytree(DBT_PROJECT_DIR, directory, ignore=shutil.ignore_patterns("target", "logs"))
    computed = read_catalogue(DBT_PROJECT_DIR / CATALOGUE)
    kept = computed if factor_set == "both" else ()
    supplied = [_defined(number, name) for number, name in enumerate(names, start=len(kept) + 1)]
    catalogue = (*kept, *supplied)
    _write_catalogue(directory / CATALOGUE, catalogue)
    generated = render_generated(catalogue, unused=() if kept else computed)
    for path, text in generated.items():
        (directory / path).write_text(text, encoding="utf-8")
    key_file.write_text(full_key)


def _defined(number: int, name: str) -> FactorDefinition:
    return FactorDefinition(
        factor_number=number,
        factor=name,
        family=SUPPLIED,
        inputs=EXPOSURES,
        look_back="as supplied",
        formula=f"Column {name} of landing.{EXPOSURES} as supplied",
        reference="supplied by the user",
    )


def _write_catalogue(file: Path, catalogue: Iterable[FactorDefinition]) -> None:
    with file.open("w", encoding="utf-8", newline="") as opened:
        fields = list(FactorDefinition.__dataclass_fields__)
        writer = csv.DictWriter(opened, fields, lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(row) for row in catalogue)
