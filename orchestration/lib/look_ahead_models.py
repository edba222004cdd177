"""The tables of the dbt project as the proof against look-ahead sees them, in order of reading."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Model:
    """A table or view of the dbt project.

    Attributes
    ----------
    relation
        Schema and name.
    is_public
        Whether it is a mart.
    grain
        Columns of its uniqueness test; empty if it has none.
    parents
        Tables that it reads.
    """

    relation: str
    is_public: bool
    grain: tuple[str, ...]
    parents: tuple[str, ...]


def read_models(manifest: Path) -> dict[str, Model]:
    """Tables of the dbt project that a manifest.json describes (`models_of`)."""
    content: dict[str, Any] = json.loads(manifest.read_text(encoding="utf-8"))
    return models_of(content["nodes"])


def models_of(nodes: Mapping[str, Any]) -> dict[str, Model]:
    """Tables of the dbt project by schema and name, each after those it reads.

    Parameters
    ----------
    nodes
        Models and tests of a manifest by their identifier.
    """
    names = {
        unique_id: f"{node['schema']}.{node['name']}"
        for unique_id, node in nodes.items()
        if node["resource_type"] == "model"
    }
    grains = {
        node["attached_node"]: tuple(node["test_metadata"]["kwargs"]["columns"])
        for node in nodes.values()
        if node["resource_type"] == "test"
        and (node.get("test_metadata") or {}).get("name") == "unique_grain"
    }
    found = {}
    for unique_id, name in names.items():
        node = nodes[unique_id]
        parents = tuple(names[parent] for parent in node["depends_on"]["nodes"] if parent in names)
        found[name] = Model(name, node["access"] == "public", grains.get(unique_id, ()), parents)
    return {name: found[name] for name in _ordered(found)}


def ancestors(models: Mapping[str, Model], name: str) -> tuple[str, ...]:
    """Tables that a table reads, directly or not, in the order of the project."""
    found: set[str] = set()
    waiting = list(models[name].parents)
    while waiting:
        parent = waiting.pop()
        if parent not in found:
            found.add(parent)
            waiting += models[parent].parents
    return tuple(other for other in models if other in found)


def _ordered(models: Mapping[str, Model]) -> Sequence[str]:
    order: dict[str, None] = {}

    def visit(name: str) -> None:
        if name not in order:
            for parent in models[name].parents:
                visit(parent)
            order[name] = None

    for name in sorted(models):
        visit(name)
    return list(order)
