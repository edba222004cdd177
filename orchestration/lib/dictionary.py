"""The data dictionary: every public column, what it means and what it is made from."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from market_data.contract import LANDING_TABLES
from orchestration.lib.dbt import content_vars, project_directory
from orchestration.lib.factor_catalogue import CATALOGUE, read_catalogue
from orchestration.lib.fingerprint import hash_json, hash_text
from orchestration.lib.handoff import write_handoff
from orchestration.lib.handoff_schemas import HANDOFF
from orchestration.lib.lineage import Origin, Relation, base_relation, query_columns
from orchestration.lib.ops_output_schemas import OPS_OUTPUT
from orchestration.lib.paths import DBT_PROJECT_DIR
from orchestration.lib.publishing import PUBLIC_SCHEMAS
from orchestration.lib.supplied_factors import EXPOSURES, SUPPLIED
from orchestration.lib.units import raw_factor_unit, unit_of
from orchestration.lib.workspace import Workspace

DICTIONARY = "column"
FACTOR_TABLES = {"fct_factor_raw", "fct_factor_exposure", "fct_training_panel"}
PROCESSED_TABLES = FACTOR_TABLES - {"fct_factor_raw"}
Node = Mapping[str, Any]


def write_dictionary(workspace: Workspace) -> int:
    """Land the dictionary, derived anew only if code or variables changed; the number of rows.

    The project must be compiled (`dbt.ensure_manifest`).
    """
    paths = workspace.paths
    key_file = paths.state / "dictionary_key"
    variables = content_vars(workspace.experiment)
    key = hash_text(workspace.code_hash, hash_json(variables))
    file = paths.ops_output / f"{DICTIONARY}.parquet"
    if key_file.exists() and key_file.read_text() == key:
        return int(pq.read_metadata(file).num_rows)
    manifest = json.loads((paths.dbt_target / "manifest.json").read_text(encoding="utf-8"))
    project = project_directory(workspace.experiment, paths)
    rows = list(dictionary_rows(manifest, paths.dbt_target / "compiled", project))
    write_handoff(
        paths.ops_output, DICTIONARY, pa.Table.from_pylist(rows, schema=OPS_OUTPUT[DICTIONARY])
    )
    key_file.write_text(key)
    return len(rows)


def dictionary_rows(
    manifest: Node, compiled: Path, project: Path = DBT_PROJECT_DIR
) -> Iterator[dict[str, Any]]:
    """One row per public column.

    Parameters
    ----------
    manifest
        Dbt's manifest.
    compiled
        Folder with the compiled SQL of every model.
    project
        Folder of the dbt project; its catalogue says what the factors are.
    """
    catalogue = read_catalogue(project / CATALOGUE)
    supplied = [row.factor for row in catalogue if row.family == SUPPLIED]
    origins = project_columns(manifest, compiled, supplied)
    formulas = {row.factor: row.formula for row in catalogue}
    for node in _ordered(manifest):
        if node["schema"] not in PUBLIC_SCHEMAS:
            continue
        for position, (name, column) in enumerate(node["columns"].items(), start=1):
            origin = _made_from(node, name, origins)
            data_type = column["data_type"] or node["config"]["column_types"][name]
            is_factor = node["name"] in FACTOR_TABLES and name in formulas
            yield {
                "schema_name": node["schema"],
                "table_name": node["name"],
                "column_name": name,
                "description": " ".join(column["description"].split()),
                "unit": _unit(node, name, data_type, origin, formulas if is_factor else {}),
                "data_type": data_type.upper(),
                "formula": formulas[name] if is_factor else origin.formula,
                "upstream_columns": ", ".join(sorted(origin.sources)) or None,
                "is_forward_looking": name.startswith("fwd_"),
                "position": position,
            }


def _unit(
    node: Node, column: str, data_type: str, origin: Origin, formulas: Mapping[str, str]
) -> str:
    if column not in formulas:
        return unit_of(column, data_type, origin.sources)
    if node["name"] in PROCESSED_TABLES:
        return "standard deviations"
    return raw_factor_unit(column, formulas[column])


def project_columns(
    manifest: Node, compiled: Path, supplied: Sequence[str] = ()
) -> dict[str, Relation]:
    """Columns of every model, `schema.table`, followed to public columns and raw tables.

    A public model is the end of the way for those that read it; a private one passes on what it
    is made from. `supplied` names the columns of landing.factor_exposures beyond its contract.
    """
    relations: dict[str, Relation] = dict(_raw_tables(supplied))
    made: dict[str, Relation] = {}
    nodes = list(_ordered(manifest))
    for node in nodes:
        if node["resource_type"] == "seed" or node["schema"] in PUBLIC_SCHEMAS:
            name = f"{node['schema']}.{node['name']}"
            relations[name] = base_relation(name, _declared_columns(node))
    for node in nodes:
        if node["resource_type"] == "seed":
            continue
        name = f"{node['schema']}.{node['name']}"
        file = compiled / node["package_name"] / node["original_file_path"]
        columns = query_columns(
            _named_sources(file.read_text(encoding="utf-8"), manifest), relations
        )
        made[name] = columns
        if node["schema"] not in PUBLIC_SCHEMAS:
            relations[name] = _attributed(columns, node["name"])
    return made


def _made_from(node: Node, column: str, origins: Mapping[str, Relation]) -> Origin:
    name = f"{node['schema']}.{node['name']}"
    if node["resource_type"] == "seed":
        return Origin(frozenset(), f"dbt_project/{node['original_file_path']}")
    origin = origins[name][column.lower()]
    # An incremental model may carry rows of its own over.
    others = frozenset(source for source in origin.sources if not source.startswith(f"{name}."))
    return Origin(others, origin.formula)


def _attributed(columns: Relation, model: str) -> Relation:
    """Formulas with the private model that holds them; a bare column needs none."""
    return {
        name: Origin(origin.sources, origin.formula)
        if origin.formula in origin.sources or origin.formula.endswith("*/")
        else Origin(origin.sources, f"{origin.formula} /* {model} */")
        for name, origin in columns.items()
    }


def _ordered(manifest: Node) -> Iterator[Node]:
    """Models and seeds, each after those it reads."""
    nodes = {
        key: node
        for key, node in manifest["nodes"].items()
        if node["resource_type"] in ("model", "seed")
    }
    graph = {
        key: [parent for parent in node["depends_on"].get("nodes", []) if parent in nodes]
        for key, node in sorted(nodes.items())
    }
    for key in TopologicalSorter(graph).static_order():
        yield nodes[key]


def _declared_columns(node: Node) -> list[str]:
    if node["columns"]:
        return list(node["columns"])
    with (DBT_PROJECT_DIR / node["original_file_path"]).open(encoding="utf-8") as file:
        return next(csv.reader(file))


def _raw_tables(supplied: Sequence[str]) -> Iterator[tuple[str, Relation]]:
    for name, contract in LANDING_TABLES.items():
        full = f"landing.{name}"
        further = supplied if name == EXPOSURES else ()
        yield full, base_relation(full, [*(column.name for column in contract.columns), *further])
    for kind, files in HANDOFF.items():
        for name, schema in files.items():
            yield f"{kind}.{name}", base_relation(f"{kind}.{name}", list(schema.names))


def _named_sources(sql: str, manifest: Node) -> str:
    """The query with the names of raw tables in place of the files they lie in."""
    for source in manifest["sources"].values():
        sql = sql.replace(source["relation_name"], f'"{source["source_name"]}"."{source["name"]}"')
    return sql
