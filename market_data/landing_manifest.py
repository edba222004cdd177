"""What lies in a landing directory, where it came from, and what it lacks."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MANIFEST_NAME = "manifest.json"
MANIFEST_VERSION = 1


@dataclass(frozen=True)
class LandedTable:
    """One table as it landed.

    Attributes
    ----------
    name, file, row_count
        `file` is relative to the landing directory.
    sha256
        Of the file; the same rows in the same order give the same one.
    provided
        Whether the source had the table; if not, the file has zero rows.
    columns_absent
        Optional columns that the source lacks or leaves empty; they are NULL throughout.
    columns_dropped
        Columns of the source that did not land.
    switched_off
        What cannot be built without the table or the absent columns.
    """

    name: str
    file: str
    row_count: int
    sha256: str
    provided: bool
    columns_absent: tuple[str, ...]
    columns_dropped: tuple[str, ...]
    switched_off: tuple[str, ...]


@dataclass(frozen=True)
class LandingWarning:
    """A rule that rows of the source break without being refused."""

    table: str
    column: str
    rule: str
    row_count: int | None
    problem: str


@dataclass(frozen=True)
class LandingManifest:
    """Contents of a landing directory; it is written last, so its presence means completeness.

    Attributes
    ----------
    source, source_fingerprint
        The specification and the hash of what it led to.
    tables
        Every table of the contract, in its order.
    warnings
        What validation counted.
    """

    source: str
    source_fingerprint: str
    tables: tuple[LandedTable, ...]
    warnings: tuple[LandingWarning, ...]

    @property
    def tables_absent(self) -> tuple[str, ...]:
        """Tables that the source lacks."""
        return tuple(table.name for table in self.tables if not table.provided)

    def to_json(self) -> str:
        """Text of the manifest; equal contents give equal text."""
        content = {"version": MANIFEST_VERSION, **dataclasses.asdict(self)}
        return json.dumps(content, indent=2, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> LandingManifest:
        """Read the text of a manifest."""
        content = json.loads(text)
        return cls(
            source=content["source"],
            source_fingerprint=content["source_fingerprint"],
            tables=tuple(
                LandedTable(**{key: _frozen(value) for key, value in entry.items()})
                for entry in content["tables"]
            ),
            warnings=tuple(LandingWarning(**entry) for entry in content["warnings"]),
        )


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def write_manifest(landing_dir: Path, manifest: LandingManifest) -> None:
    """Write the manifest of a landing directory in one step."""
    partial = landing_dir / f".{MANIFEST_NAME}.partial"
    partial.write_text(manifest.to_json(), encoding="utf-8")
    partial.replace(landing_dir / MANIFEST_NAME)


def read_manifest(landing_dir: Path) -> LandingManifest | None:
    """Manifest of a landing directory; None if its tables are not complete."""
    file = landing_dir / MANIFEST_NAME
    if not file.is_file():
        return None
    return LandingManifest.from_json(file.read_text(encoding="utf-8"))
