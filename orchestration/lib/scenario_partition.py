"""A back-test and where its result is found; apart, as processes that run them import little."""

from __future__ import annotations

from dataclasses import dataclass

from optimizer.scenario import Scenario


@dataclass(frozen=True)
class ScenarioPartition:
    """A scenario and the key under which its result is stored.

    Attributes
    ----------
    label
        Readable, no two alike within a run.
    may_lack_data
        Whether the run goes on, and says why, if the market cannot feed the scenario: true of
        scenarios that only the study asks for.
    """

    scenario: Scenario
    key: str
    label: str
    may_lack_data: bool = False
