"""Models that have part of another rule set: one bias of the forecasts taken out at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from models_ml.specs import ModelSpec
from orchestration.lib.forecast_settings import ForecastSettings, ModelSettings

if TYPE_CHECKING:
    from orchestration.lib.experiment import Experiment


def crossed_parts(experiment: Experiment) -> dict[tuple[str, str], dict[str, str]]:
    """What each crossed model has of another rule set.

    Returns
    -------
    dict
        Rule set and key of a model, to part ('universe', 'label', 'purge') and the rule set it is
        of. Ensembles and choices have the parts of their members. Models of one rule set alone are
        not there.
    """
    found: dict[tuple[str, str], dict[str, str]] = {}
    for rule_set in experiment.rule_sets:
        specs = _specs(experiment.forecast, rule_set, experiment.rule_sets)
        parts = {name: spec.crossed for name, spec in specs.items()}
        for each in experiment.forecast.combinations:
            if rule_set in (each.rule_sets or experiment.rule_sets):
                parts[each.name] = parts[each.members[0]]
        found |= {(rule_set, name): crossed for name, crossed in parts.items() if crossed}
    return found


def crossing_faults(forecast: ForecastSettings, rule_sets: Sequence[str]) -> list[str]:
    """What is wrong with the crossed models of an experiment, in words; empty if nothing is."""
    faults = [
        fault
        for settings in forecast.models
        for spec in settings.specs
        for fault in _spec_faults(spec, settings, rule_sets)
    ]
    for each in forecast.combinations:
        for rule_set in each.rule_sets or rule_sets:
            specs = _specs(forecast, rule_set, rule_sets)
            members = [specs[name].crossed for name in each.members if name in specs]
            if any(parts != members[0] for parts in members):
                faults.append(
                    f"{each.name!r} combines models of different universe, label or purge:"
                    f" {dict(zip(each.members, members, strict=False))}"
                )
    return faults


def _spec_faults(spec: ModelSpec, settings: ModelSettings, rule_sets: Sequence[str]) -> list[str]:
    faults = []
    for part, rule_set in spec.crossed.items():
        if rule_set not in rule_sets:
            faults.append(
                f"{spec.name!r} has the {part} of {rule_set!r}, whose tables are not built: add it"
                f" to rule_sets, now {list(rule_sets)}"
            )
        elif rule_set in (settings.rule_sets or rule_sets):
            faults.append(
                f"{spec.name!r} is trained under {rule_set!r}, whose {part} it would have anyway:"
                " name the other rule set alone under its rule_sets"
            )
    return faults


def _specs(
    forecast: ForecastSettings, rule_set: str, rule_sets: Sequence[str]
) -> Mapping[str, ModelSpec]:
    return {
        spec.name: spec
        for settings in forecast.models
        if rule_set in (settings.rule_sets or rule_sets)
        for spec in settings.specs
    }
