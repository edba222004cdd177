"""Everything that is generated from the factor catalogue, and the check that it is up to date.

`dbt_project/seeds/factors/factor_catalogue.csv` is the one list of factors. The factor lists that
macros loop over and the contracts of the wide tables are derived from it and committed:

    python -m orchestration.lib.factor_catalogue          writes them
    python -m orchestration.lib.factor_catalogue --check  compares, exit status 1 on a difference
"""

from __future__ import annotations

import argparse
import csv
import logging
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from orchestration.lib.paths import DBT_PROJECT_DIR
from orchestration.lib.wide_contracts import (
    factor_exposure_contract,
    factor_raw_contract,
    render_contract,
    training_panel_contract,
)

logger = logging.getLogger(__name__)

CATALOGUE = Path("seeds/factors/factor_catalogue.csv")


class FactorCatalogueError(ValueError):
    """The catalogue cannot be used as it stands."""


@dataclass(frozen=True)
class FactorDefinition:
    """One row of the catalogue."""

    factor_number: int
    factor: str
    family: str
    inputs: str
    look_back: str
    formula: str
    reference: str


def read_catalogue(path: Path) -> tuple[FactorDefinition, ...]:
    """Rows of the catalogue in file order.

    Raises
    ------
    FactorCatalogueError
        If a name repeats, the numbers do not count from 1, or a text is missing.
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = tuple(
            FactorDefinition(
                factor_number=int(row["factor_number"]),
                factor=row["factor"],
                family=row["family"],
                inputs=row["inputs"],
                look_back=row["look_back"],
                formula=row["formula"],
                reference=row["reference"],
            )
            for row in csv.DictReader(file)
        )
    names = [row.factor for row in rows]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise FactorCatalogueError(f"{path}: factors listed more than once: {repeated}")
    if [row.factor_number for row in rows] != list(range(1, len(rows) + 1)):
        raise FactorCatalogueError(f"{path}: factor_number has to count 1, 2, ... in file order")
    bare = [row.factor for row in rows if not (row.family and row.formula and row.reference)]
    if bare:
        raise FactorCatalogueError(f"{path}: family, formula or reference missing for {bare}")
    return rows


def render_factor_lists(
    catalogue: Sequence[FactorDefinition], known: Sequence[FactorDefinition]
) -> str:
    """Macros that return the factors, the family of every known one, and those of statements."""
    names = "".join(f"        '{row.factor}',\n" for row in catalogue)
    families = "".join(f"        '{row.factor}': '{row.family}',\n" for row in known)
    of_statements = "".join(
        f"        '{row.factor}',\n" for row in catalogue if "fundamentals" in row.inputs.split("+")
    )
    return (
        "{#- Written by `python -m orchestration.lib.factor_catalogue` from the catalogue. -#}\n"
        "{#- The factors, in the order of the wide tables. -#}\n"
        "{% macro panel_factors() -%}\n"
        "    {{ return([\n" + names + "    ]) }}\n"
        "{%- endmacro %}\n"
        "\n"
        "{#- The family of each factor that a model computes or the user supplies. -#}\n"
        "{% macro factor_families() -%}\n"
        "    {{ return({\n" + families + "    }) }}\n"
        "{%- endmacro %}\n"
        "\n"
        "{#- Those made of company statements or, in their place, of ready-made indicators. -#}\n"
        "{% macro statement_factors() -%}\n"
        "    {{ return([\n" + of_statements + "    ]) }}\n"
        "{%- endmacro %}\n"
    )


def render_generated(
    catalogue: Sequence[FactorDefinition], unused: Sequence[FactorDefinition] = ()
) -> dict[Path, str]:
    """Text of every generated file by its path below the dbt project.

    Parameters
    ----------
    catalogue
        Factors of the wide tables, in order.
    unused
        Factors that are computed but not among them.
    """
    columns = [(row.factor, row.formula) for row in catalogue]
    return {
        Path("macros/factors/panel_factors.sql"): render_factor_lists(
            catalogue, [*unused, *catalogue]
        ),
        Path("models/marts/factors/fct_factor_raw.yml"): render_contract(
            factor_raw_contract(columns)
        ),
        Path("models/marts/factors/fct_factor_exposure.yml"): render_contract(
            factor_exposure_contract(columns)
        ),
        Path("models/marts/ml/fct_training_panel.yml"): render_contract(
            training_panel_contract(columns)
        ),
    }


def stale_files(project_dir: Path) -> tuple[Path, ...]:
    """Generated files below `project_dir` that differ from what the catalogue gives, or lack."""
    generated = render_generated(read_catalogue(project_dir / CATALOGUE))
    return tuple(
        path
        for path, text in generated.items()
        if not (project_dir / path).is_file()
        or (project_dir / path).read_text(encoding="utf-8") != text
    )


def write_generated(project_dir: Path) -> tuple[Path, ...]:
    """Write every generated file that is stale and return their paths below `project_dir`."""
    generated = render_generated(read_catalogue(project_dir / CATALOGUE))
    stale = stale_files(project_dir)
    for path in stale:
        (project_dir / path).parent.mkdir(parents=True, exist_ok=True)
        (project_dir / path).write_text(generated[path], encoding="utf-8")
    return stale


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the generated files, or compare them with `--check`; the exit status."""
    parser = argparse.ArgumentParser(description="Files generated from the factor catalogue.")
    parser.add_argument("--check", action="store_true", help="compare only, write nothing")
    parser.add_argument("--project-dir", type=Path, default=DBT_PROJECT_DIR)
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    if options.check:
        stale = stale_files(options.project_dir)
        for path in stale:
            logger.error(
                "%s differs from the catalogue; run python -m orchestration.lib.factor_catalogue",
                path,
            )
        return 1 if stale else 0
    for path in write_generated(options.project_dir):
        logger.info("wrote %s", path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
