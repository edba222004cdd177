"""What a user reads when a model or a data test of dbt fails or warns."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from orchestration.lib.paths import ExperimentPaths
from orchestration.lib.warehouse import query

FAILED = {"error", "fail", "runtime error"}
EXAMPLES = 3
_QUOTED = "Errors parsed from dbt logs:"
REMEDY = "look at the rows and mend the source; dbt_project holds the SQL of the test"


def read_nodes(paths: ExperimentPaths) -> Mapping[str, Any]:
    """Nodes and macros of the last manifest by unique id; empty before the first invocation."""
    manifest = paths.dbt_target / "manifest.json"
    if not manifest.exists():
        return {}
    content = json.loads(manifest.read_text(encoding="utf-8"))
    return {**content["nodes"], **content["macros"]}


def tested_model(node: Mapping[str, Any]) -> str:
    """Name of the table that a data test is attached to, else of the last one that it reads."""
    attached = node.get("attached_node") or (node["depends_on"]["nodes"] or [""])[-1]
    return str(attached).rsplit(".", 1)[-1]


def test_description(nodes: Mapping[str, Any], node: str) -> str:
    """Description of a data test: its own, or that of the generic test it is made from."""
    own = str(nodes[node].get("description") or "")
    if own or not nodes[node].get("test_metadata"):
        return " ".join(own.split())
    kind = nodes[node]["test_metadata"]["name"]
    generic = nodes.get(f"macro.{nodes[node]['package_name']}.test_{kind}", {})
    return " ".join(str(generic.get("description") or "").split())


def describe_failure(paths: ExperimentPaths) -> str:
    """Which models and tests of the last invocation failed, why, what to do, where to read on.

    Of each failed data test: the table, the test, the number of rows, the first three of them, a
    file with the query that finds them all, and the remedy. Warnings are named with their counts.
    """
    results = json.loads((paths.dbt_target / "run_results.json").read_text(encoding="utf-8"))
    nodes = read_nodes(paths)
    lines: list[str] = []
    for result in results.get("results", []):
        if result["status"] in FAILED:
            lines += _failed(paths, nodes, result)
    lines += warned_tests(results.get("results", []), nodes)
    return "\n".join([*lines, f"full log: {paths.build_log}"])


def describe_stop(paths: ExperimentPaths, error: Exception | None) -> str:
    """Why dbt stopped before its first model, in its own words.

    Parameters
    ----------
    error
        Of the scheduler's integration, which quotes dbt's log after a headline of its own.
    """
    said = str(error or "").rpartition(_QUOTED)[2].strip()
    return f"dbt stopped before its first model:\n{said}\nfull log: {paths.build_log}"


def warned_tests(results: Sequence[Mapping[str, Any]], nodes: Mapping[str, Any]) -> list[str]:
    """One line per data test that warned."""
    return [
        f"warning: {tested_model(nodes[result['unique_id']])}:"
        f" {_name(result['unique_id'])}: {result['failures']:,} rows"
        for result in results
        if result["status"] == "warn" and result["unique_id"] in nodes
    ]


def _name(unique_id: str) -> str:
    return unique_id.split(".")[2]


def _failed(
    paths: ExperimentPaths, nodes: Mapping[str, Any], result: Mapping[str, Any]
) -> list[str]:
    unique_id = result["unique_id"]
    message = " ".join(str(result.get("message") or "").split())
    if not unique_id.startswith("test.") or result["status"] != "fail":
        return [f"{unique_id}: {result['status']}" + (f": {message}" if message else "")]
    statement = str(result.get("compiled_code") or "").strip()
    file = _keep_query(paths.logs / "failed_tests", _name(unique_id), statement)
    return [
        f"table {tested_model(nodes[unique_id])}: test {_name(unique_id)} failed on"
        f" {result['failures']:,} row{'' if result['failures'] == 1 else 's'}",
        *(f"    {row}" for row in _examples(paths.warehouse, statement)),
        f"    remedy: {test_description(nodes, unique_id) or REMEDY}",
        f"    all rows: ashare sql - -e {paths.root.name} --unpublished < {file}",
    ]


def _keep_query(folder: Path, name: str, statement: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name[:120]}.sql"
    file.write_text(statement + "\n", encoding="utf-8")
    return file


def _examples(warehouse: Path, statement: str) -> list[str]:
    """First offending rows as text; why they cannot be read where the warehouse does not answer."""
    try:
        rows = query(warehouse, f"select * from ({statement}) limit {EXAMPLES}").to_pylist()
    except duckdb.Error as error:
        return [f"(rows not shown: {str(error).splitlines()[0]})"]
    return ["  ".join(f"{name}={value}" for name, value in list(row.items())[:8]) for row in rows]
