"""Brings raw tables into the landing directory, checked, typed and complete."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from market_data.contract import LANDING_TABLES, contract_digest
from market_data.errors import LandingRefusedError, SourceError
from market_data.landing_manifest import (
    MANIFEST_NAME,
    LandedTable,
    LandingManifest,
    LandingWarning,
    read_manifest,
    write_manifest,
)
from market_data.reading import LandingDirectory, SourceMapping, locate_tables, open_directory
from market_data.simulated import simulate_into, simulation_fingerprint
from market_data.source_spec import DirectorySource, Source, parse_source
from market_data.table_writing import file_sha256, write_table
from market_data.validation import TableState, ValidationReport, render, validate_opened

Progress = Callable[[str], object]
ColumnMapping = Mapping[str, Mapping[str, str]]
TableMapping = Mapping[str, str]


def land(
    source: str,
    landing_dir: Path,
    truth_dir: Path,
    *,
    mapping: ColumnMapping | None = None,
    table_mapping: TableMapping | None = None,
    progress: Progress | None = None,
) -> LandingManifest:
    """Bring the tables of a source into the landing directory.

    Every table of the contract is checked first and then written with exactly the contract's
    columns and types, sorted by its key; tables that the source lacks get zero rows. The files
    are written aside and renamed when all of them are complete; the manifest comes last. A
    source that is refused leaves the directory as it was.

    Parameters
    ----------
    source
        See `market_data.source_spec.parse_source`.
    landing_dir, truth_dir
        Where the tables go, and where the simulator's truth goes. The truth of an earlier source
        is removed.
    mapping
        Table -> {column of the source: column of the contract}. Simulated tables need none and
        ignore it, like `table_mapping`.
    table_mapping
        Table of the source -> table of the contract.
    progress
        Called once per table of the contract with a word on what is done; while a market is
        simulated as often, evenly through its sessions.

    Raises
    ------
    SourceError
        If the source cannot be understood or found.
    MappingError
        If the mapping names what the contract does not know.
    LandingRefusedError
        If the tables have errors; nothing is written then.
    """
    parsed = parse_source(source)
    names = SourceMapping(table_mapping or {}, mapping or {})
    fingerprint = source_fingerprint(source, mapping=mapping, table_mapping=table_mapping)
    _check_places(parsed, landing_dir, truth_dir)
    advance = progress or _no_progress
    with _staging(landing_dir) as tables, _staging(truth_dir) as truth:
        if isinstance(parsed, DirectorySource):
            report = _stage_directory(parsed.path, names, tables, advance)
        else:
            with _staging(tables) as simulated:
                simulated.mkdir(parents=True)
                truth.mkdir(parents=True)
                simulate_into(parsed, simulated, truth, advance, len(LANDING_TABLES))
                report = _stage_simulated(simulated, tables)
        manifest = _manifest(source, fingerprint, report, tables)
        _publish(tables, landing_dir, truth, truth_dir, manifest)
    return manifest


def source_fingerprint(
    source: str,
    *,
    mapping: ColumnMapping | None = None,
    table_mapping: TableMapping | None = None,
) -> str:
    """Hash of everything that decides how a source lands.

    Of a directory: the names and contents of its landing tables, and the mapping. Of a
    simulated market: the configuration and the code of the simulator. Of both: the contract.

    Raises
    ------
    SourceError
        If the source cannot be understood or found.
    """
    parsed = parse_source(source)
    if not isinstance(parsed, DirectorySource):
        return _hash([contract_digest(), simulation_fingerprint(parsed)])
    names = SourceMapping(table_mapping or {}, mapping or {})
    contents = [
        [table, file.relative_to(parsed.path).as_posix(), file_sha256(file)]
        for table, files in locate_tables(parsed.path, names).items()
        for file in files.files
    ]
    columns = {table: dict(renamed) for table, renamed in names.columns.items()}
    return _hash([contract_digest(), contents, dict(names.tables), columns])


def _hash(content: list[object]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _no_progress(_: str) -> None:
    """Say nothing."""


def _check_places(source: Source, landing_dir: Path, truth_dir: Path) -> None:
    landing, truth = landing_dir.resolve(), truth_dir.resolve()
    if truth.is_relative_to(landing):
        raise SourceError(f"{truth_dir} lies inside {landing_dir}; truth belongs beside landing")
    if isinstance(source, DirectorySource) and source.path.resolve() == landing:
        raise SourceError(f"{source.path} is the landing directory itself; give it another home")


@contextmanager
def _staging(directory: Path) -> Iterator[Path]:
    """Yield a place beside a directory, empty before and gone afterwards; not created yet."""
    place = directory.with_name(f".{directory.name}.incoming")
    shutil.rmtree(place, ignore_errors=True)
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _stage_directory(
    path: Path, names: SourceMapping, target: Path, progress: Progress
) -> ValidationReport:
    with open_directory(path, names) as directory:
        report = _accepted(directory)
        target.mkdir(parents=True)
        for name in LANDING_TABLES:
            write_table(directory, name, target)
            progress(name)
    return report


def _stage_simulated(simulated: Path, target: Path) -> ValidationReport:
    with open_directory(simulated) as directory:
        report = _accepted(directory)
        target.mkdir(parents=True)
        for name in LANDING_TABLES:
            write_table(directory, name, target)
    return report


def _accepted(directory: LandingDirectory) -> ValidationReport:
    report = validate_opened(directory)
    if not report.ok:
        raise LandingRefusedError(render(report))
    return report


def _manifest(
    source: str, fingerprint: str, report: ValidationReport, tables: Path
) -> LandingManifest:
    landed = tuple(
        LandedTable(
            name=summary.name,
            file=f"{summary.name}.parquet",
            row_count=summary.row_count,
            sha256=file_sha256(tables / f"{summary.name}.parquet"),
            provided=summary.state is TableState.PRESENT,
            columns_absent=summary.columns_absent,
            columns_dropped=summary.columns_dropped,
            switched_off=summary.switched_off,
        )
        for summary in report.tables
    )
    warnings = tuple(
        LandingWarning(fault.table, fault.column, fault.rule, fault.row_count, fault.problem)
        for fault in report.warnings
    )
    return LandingManifest(source, fingerprint, landed, warnings)


def _publish(
    tables: Path, landing_dir: Path, truth: Path, truth_dir: Path, manifest: LandingManifest
) -> None:
    """Put complete files in place; without a manifest in between, so that a halt shows."""
    landing_dir.mkdir(parents=True, exist_ok=True)
    (landing_dir / MANIFEST_NAME).unlink(missing_ok=True)
    for table in manifest.tables:
        (tables / table.file).replace(landing_dir / table.file)
    shutil.rmtree(truth_dir, ignore_errors=True)
    truth_dir.parent.mkdir(parents=True, exist_ok=True)
    if truth.is_dir():
        truth.replace(truth_dir)
    else:
        truth_dir.mkdir()
    write_manifest(landing_dir, manifest)


__all__ = [
    "LandedTable",
    "LandingManifest",
    "LandingWarning",
    "land",
    "read_manifest",
    "source_fingerprint",
]
