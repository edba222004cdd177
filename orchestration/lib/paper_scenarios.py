"""The study's scenarios by name, fitted to the models and the span that an experiment has."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from optimizer.scenario import Scenario
from orchestration.lib.backtest_settings import PaperScenarioSettings
from orchestration.lib.crossed_models import crossed_parts
from orchestration.lib.experiment import Experiment

TURNOVER_LIMIT = 0.15


@dataclass(frozen=True)
class ModelKind:
    """A model as the study names it.

    Parameters
    ----------
    library, loss
        As in an experiment file; `choice` with the way it chooses (`by`) for those of 3.1.7.
    window_mode
        None where the study does not say.
    """

    library: str
    loss: str = "mse"
    window_mode: str | None = None
    by: str | None = None

    @property
    def label(self) -> str:
        """In words."""
        if self.by is not None:
            return f"choice by {self.by}"
        return f"{self.library} under {self.loss}" + (
            f", {self.window_mode}" if self.window_mode else ""
        )


@dataclass(frozen=True)
class PaperScenarios:
    """Scenarios behind one table or figure: the product of its lists."""

    benchmark: str
    kinds: tuple[ModelKind, ...]
    barra_limit: tuple[float, ...]
    num_stock: tuple[int, ...]
    first_date: date
    last_date: date


@dataclass(frozen=True)
class PlannedPaperScenario:
    """One scenario of the study as this experiment can run it.

    Attributes
    ----------
    scenario
        None with a reason why not.
    """

    name: str
    rule_set: str
    kind: ModelKind
    benchmark: str
    barra_limit: float
    num_stock: int
    model: str | None
    scenario: Scenario | None
    reason: str | None


_BOOSTING = (
    ModelKind("xgboost", window_mode="fixed_2y"),
    ModelKind("lightgbm", window_mode="fixed_2y"),
)
_TABLE_14 = PaperScenarios(
    "000852.SH",
    (ModelKind("xgboost"), ModelKind("gru")),
    (0.1, 0.2, 0.3, 0.4, 0.5, 1.0),
    (100, 200, 300),
    date(2015, 1, 1),
    date(2024, 10, 10),
)
CATALOGUE: Mapping[str, PaperScenarios] = MappingProxyType(
    {
        "table_14": _TABLE_14,
        # Heat maps of table 14: the same back-tests under the name of the figure.
        "figure_17": _TABLE_14,
        # The study does not say the settings of table 10: those of figure 8 stand for them.
        "table_10": PaperScenarios(
            "000905.SH",
            (ModelKind("xgboost"), ModelKind("lstm")),
            (0.3,),
            (100,),
            date(2012, 1, 1),
            date(2024, 10, 1),
        ),
        "figure_8": PaperScenarios(
            "000905.SH", _BOOSTING, (0.3,), (100,), date(2012, 1, 1), date(2024, 10, 1)
        ),
        "figure_9": PaperScenarios(
            "000905.SH",
            (
                ModelKind("choice", by="out_of_sample_rank_ic"),
                ModelKind("choice", by="in_out_difference"),
            ),
            (0.3,),
            (100,),
            date(2012, 1, 1),
            date(2024, 10, 1),
        ),
        "figure_15": PaperScenarios(
            "000905.SH",
            (ModelKind("rnn"), ModelKind("lstm"), ModelKind("gru")),
            (0.5,),
            (100,),
            date(2012, 1, 1),
            date(2024, 10, 1),
        ),
    }
)


def planned_paper_scenarios(
    experiment: Experiment, first: date, last: date, benchmarks: frozenset[str]
) -> tuple[PlannedPaperScenario, ...]:
    """Every scenario of the study that an experiment names, or why it cannot be run.

    Parameters
    ----------
    first, last
        Sessions that the predictions allow; the study's dates are cut to them.
    benchmarks
        Indices of the market.
    """
    return tuple(
        planned
        for settings in experiment.backtests
        if isinstance(settings, PaperScenarioSettings)
        for name in settings.paper_scenarios
        for rule_set in settings.rule_sets or experiment.rule_sets
        for planned in _of_name(experiment, settings, name, rule_set, first, last, benchmarks)
    )


def model_of_kind(experiment: Experiment, rule_set: str, kind: ModelKind) -> str | None:
    """Key of the model that stands for a kind: the first by window mode and name; None: none.

    Seeds and tuning make several models of one kind; results.mart_paper_comparison takes the same.
    Nets that are shown the stocks at random are the study's exception.
    """
    forecast = experiment.forecast
    crossed = crossed_parts(experiment)
    if kind.by is not None:
        chosen = [
            each.name
            for each in forecast.choices
            if each.by == kind.by
            and rule_set in (each.rule_sets or experiment.rule_sets)
            and (rule_set, each.name) not in crossed
        ]
        return chosen[0] if chosen else None
    found = [
        (spec.window_mode, spec.order == "random", spec.name)
        for settings in forecast.models
        if rule_set in (settings.rule_sets or experiment.rule_sets)
        for spec in settings.specs
        if (spec.library, spec.loss) == (kind.library, kind.loss)
        and kind.window_mode in (None, spec.window_mode)
        and not spec.crossed
    ]
    return min(found)[-1] if found else None


def _of_name(
    experiment: Experiment,
    settings: PaperScenarioSettings,
    name: str,
    rule_set: str,
    first: date,
    last: date,
    benchmarks: frozenset[str],
) -> Iterator[PlannedPaperScenario]:
    study = CATALOGUE[name]
    benchmark = settings.benchmark or study.benchmark
    begin, end = max(study.first_date, first), min(study.last_date, last)
    only = settings.libraries
    kinds = [kind for kind in study.kinds if only is None or kind.library in only]
    for kind, barra, count in itertools.product(kinds, study.barra_limit, study.num_stock):
        model = model_of_kind(experiment, rule_set, kind)
        reason = _obstacle(model, kind, benchmark, benchmarks, begin, end)
        values: dict[str, Any] = {
            "rule_set": rule_set,
            "model": model,
            "benchmark": benchmark,
            "barra_limit": barra,
            "num_stock": count,
            "turnover_limit": TURNOVER_LIMIT,
            "first_trade_date": begin,
            "last_trade_date": end,
        }
        scenario = Scenario.from_mapping(values) if reason is None else None
        yield PlannedPaperScenario(
            name, rule_set, kind, benchmark, barra, count, model, scenario, reason
        )


def _obstacle(
    model: str | None,
    kind: ModelKind,
    benchmark: str,
    benchmarks: frozenset[str],
    begin: date,
    end: date,
) -> str | None:
    if model is None:
        return f"no {kind.label} in this run"
    if benchmark not in benchmarks:
        known = ", ".join(sorted(benchmarks))
        return f"the market has no index {benchmark}; name one of {known} as benchmark"
    if begin > end:
        return f"the predictions end before {begin}, where the study begins"
    return None
