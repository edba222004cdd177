"""The back-tests of the bias waterfall, and what each of them stands for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from optimizer.scenario import Scenario
from optimizer.waterfall import corrected, subsets
from orchestration.lib.experiment import Experiment, ExperimentError
from orchestration.lib.waterfall_settings import RETRAINING, RetrainingStep, WaterfallSettings
from orchestration.lib.window_plan import window_tasks

NOT_NAMED = (
    "no model named in the experiment: it needs forecasts made with this correction and not the"
    " next (waterfall.retraining)"
)

# The last step: all rules of the practitioner, whatever the steps before leave unnamed.
REMAINDER, PRACTITIONER_RULES = "remainder", "practitioner_rules"


@dataclass(frozen=True)
class WaterfallCell:
    """One correction in one back-test; without a scenario, the reason why it was not run."""

    kind: str
    step: str
    step_order: int
    is_corrected: bool
    scenario: Scenario | None
    reason: str | None = None


def waterfall_cells(experiment: Experiment, first: date, last: date) -> tuple[WaterfallCell, ...]:
    """Every back-test of the waterfall between two sessions, once per correction of execution.

    Raises
    ------
    ExperimentError
        If a model is named that the experiment does not train under the rule set.
    """
    settings = experiment.waterfall
    if settings is None:
        return ()
    _refuse_unknown(experiment, settings)
    start = _portfolio(settings, "paper", settings.model, first, last)
    cells = []
    for made in subsets(settings.switches):
        scenario = start.model_copy(update={"switches": corrected(made)})
        cells += [
            WaterfallCell("execution", step, order, step in made, scenario)
            for order, step in enumerate(settings.switches, start=1)
        ]
    honest = start.model_copy(update={"switches": corrected(settings.switches)})
    named: dict[str, RetrainingStep] = {each.step: each for each in settings.retraining}
    steps = [*named, *(step for step in RETRAINING if step not in named)]
    for order, step in enumerate(steps, start=len(settings.switches) + 1):
        cells.append(_retrained(step, order, named.get(step), honest))
    final = len(settings.switches) + len(steps) + 1
    return (*cells, _remainder(experiment, settings, final, first, last))


def waterfall_rows(
    cells: tuple[WaterfallCell, ...], run_id: str, identities: Mapping[Scenario, str]
) -> list[dict[str, Any]]:
    """Cells as rows of the hand-off; `identities` gives the scenario_id of this run's scenarios."""
    return [
        {
            "run_id": run_id,
            "kind": cell.kind,
            "step": cell.step,
            "step_order": cell.step_order,
            "is_corrected": cell.is_corrected,
            "scenario_id": identities[cell.scenario] if cell.scenario else None,
            "reason": cell.reason,
        }
        for cell in cells
    ]


def _portfolio(
    settings: WaterfallSettings, rule_set: str, model: str, first: date, last: date
) -> Scenario:
    return Scenario.from_mapping(
        {
            "rule_set": rule_set,
            "model": model,
            "benchmark": settings.benchmark,
            "barra_limit": settings.barra_limit,
            "num_stock": settings.num_stock,
            "turnover_limit": settings.turnover_limit,
            "first_trade_date": settings.first_date or first,
            "last_trade_date": settings.last_date or last,
        }
    )


def _retrained(
    step: str, order: int, named: RetrainingStep | None, honest: Scenario
) -> WaterfallCell:
    if named is None:
        return WaterfallCell("retraining", step, order, True, None, NOT_NAMED)
    forecasts = {"rule_set": named.rule_set, "model": named.model}
    return WaterfallCell("retraining", step, order, True, honest.model_copy(update=forecasts))


def _remainder(
    experiment: Experiment, settings: WaterfallSettings, order: int, first: date, last: date
) -> WaterfallCell:
    """The portfolio of the start under every rule of the practitioner."""
    model = settings.practitioner_model or settings.model
    if ("practitioner", model) not in _trained(experiment):
        reason = (
            f"no {model} under practitioner in this run: name a model that is trained there"
            " (waterfall.practitioner_model)"
        )
        return WaterfallCell(REMAINDER, PRACTITIONER_RULES, order, True, None, reason)
    scenario = _portfolio(settings, "practitioner", model, first, last)
    return WaterfallCell(REMAINDER, PRACTITIONER_RULES, order, True, scenario)


def _trained(experiment: Experiment) -> set[tuple[str, str]]:
    """Rule sets and keys of the models of an experiment."""
    return {(task.rule_set, task.spec.name) for task in window_tasks(experiment)}


def _refuse_unknown(experiment: Experiment, settings: WaterfallSettings) -> None:
    trained = _trained(experiment)
    wanted = [("paper", settings.model), *((s.rule_set, s.model) for s in settings.retraining)]
    if settings.practitioner_model is not None:
        wanted.append(("practitioner", settings.practitioner_model))
    for rule_set, model in wanted:
        if (rule_set, model) not in trained:
            known = sorted(name for trained_under, name in trained if trained_under == rule_set)
            raise ExperimentError(
                f"waterfall names {model!r}, which is not trained under {rule_set}; there are:"
                f" {known}"
            )
