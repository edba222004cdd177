"""The version of dbt is known without asking the command."""

from __future__ import annotations

from importlib.metadata import version

import pytest
from dagster_dbt import DbtCliResource

from orchestration.defs.warehouse.assets import dbt_resource


def test_the_version_is_that_of_the_package_and_no_process_starts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a process was started")

    monkeypatch.setattr("dagster_dbt.core.resource.check_output", refuse)
    # The name is the library's own: where it is gone, ours replaces nothing.
    assert "_cli_version" in vars(DbtCliResource)
    assert str(dbt_resource()._cli_version) == version("dbt-core")
