"""The scheduler's web page finds every asset."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest

from market_data.contract import LANDING_TABLES
from orchestration.lib.assembly import build_definitions
from orchestration.lib.handoff_schemas import HANDOFF
from orchestration.lib.workspace import Workspace
from tests.integration.conftest import TINY


@pytest.fixture(scope="module")
def definitions(tmp_path_factory: pytest.TempPathFactory) -> dg.Definitions:
    """Definitions of the tiny experiment in an empty home."""
    home: Path = tmp_path_factory.mktemp("definitions")
    return build_definitions(Workspace.open(str(TINY), home=home))


def keys(definitions: dg.Definitions) -> set[str]:
    return {key.to_user_string() for key in definitions.resolve_all_asset_keys()}


def test_landing_hand_off_and_publishing_are_assets(definitions: dg.Definitions) -> None:
    expected = {f"landing/{name}" for name in LANDING_TABLES}
    expected |= {f"{kind}/{name}" for kind, files in HANDOFF.items() for name in files}
    expected |= {"forecast/training_window", "publish/database"}
    assert not expected - keys(definitions)


def test_every_mart_is_an_asset_with_its_checks(definitions: dg.Definitions) -> None:
    found = keys(definitions)
    assert {"core/fct_bar_daily", "ml/fct_training_panel", "results/fct_nav_daily"} <= found
    checks = definitions.resolve_asset_graph().asset_check_keys
    assert len(checks) > 100


def test_nothing_is_external_but_tables_that_users_may_bring(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    external = {key.to_user_string() for key in graph.external_asset_keys}
    assert external == set()


def test_training_windows_are_partitions(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    partitions = graph.get(dg.AssetKey(["forecast", "training_window"])).partitions_def
    assert partitions is not None
    names = partitions.get_partition_keys()
    # Two models under both rule sets, a net and an ensemble under one, two choices and three ridges
    # with one bias less under the other, in two windows.
    assert len(names) == 2 * (2 * 2 + 2 + 2 + 3)
    assert "practitioner|ridge-mse-expanding|2021H1" in names
