"""The one entry point of the scheduler: `dagster dev -m orchestration.definitions`.

The experiment is named by `ASHARE_EXPERIMENT` (default: demo), its source can be replaced by
`ASHARE_SOURCE`.
"""

from __future__ import annotations

import os

import dagster as dg

from orchestration.lib.assembly import build_definitions
from orchestration.lib.workspace import Workspace


@dg.definitions
def defs() -> dg.Definitions:
    """Definitions of the experiment in the environment."""
    workspace = Workspace.open(
        os.environ.get("ASHARE_EXPERIMENT", "demo"), source=os.environ.get("ASHARE_SOURCE")
    )
    return build_definitions(workspace)
