"""How dbt resources appear in the asset graph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings


class WarehouseTranslator(DagsterDbtTranslator):
    """Groups follow the folders of the dbt project; sources are what Python writes."""

    def __init__(self) -> None:
        super().__init__(DagsterDbtTranslatorSettings(enable_source_tests_as_checks=True))

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """`core`, `results` ... for marts; `staging_landing`, `intermediate_bars` ... below."""
        return group_of(dbt_resource_props["fqn"])


def group_of(fully_qualified_name: list[str]) -> str:
    """Group of a model from its place in the tree (project, layer, area, ..., name)."""
    layer, *areas = fully_qualified_name[1:-1] or ["warehouse"]
    if layer == "marts" and areas:
        return areas[0]
    return "_".join([layer, *areas[:1]])
