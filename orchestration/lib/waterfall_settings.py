"""Section `waterfall` of an experiment: which biases are taken out of which back-test."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field, field_validator

from optimizer.waterfall import CORRECTIONS, MOST_CORRECTIONS
from orchestration.lib.settings import RuleSet, Settings

RETRAINING = ("universe", "label", "purge", "test_set_choice")


class RetrainingStep(Settings):
    """A correction that needs other forecasts: the model that was trained with it."""

    step: Literal["universe", "label", "purge", "test_set_choice"]
    rule_set: RuleSet = Field(
        default="paper",
        description="of the back-test; under the other one more changes than the forecasts",
    )
    model: str = Field(
        description="key of a model of the experiment, trained with this and all earlier steps"
    )


class WaterfallSettings(Settings):
    """From the back-test of a model under the rules of the paper to an honest one."""

    model: str = Field(description="key of a model trained under rule set `paper`")
    benchmark: str
    barra_limit: float | None = 0.3
    num_stock: int = 100
    turnover_limit: float = 0.15
    practitioner_model: str | None = Field(
        default=None,
        description="key of the model whose back-test under all rules of the practitioner ends the"
        " waterfall; by default the same as `model`, where it is trained there",
    )
    first_date: date | None = None
    last_date: date | None = None
    switches: tuple[str, ...] = Field(
        default=(
            "foresees_suspension",
            "stale_forced_sale",
            "fees",
            "limit_rule",
            "lots",
            "benchmark_series",
        ),
        min_length=1,
        description="corrections of execution, averaged over all their orders",
    )
    retraining: tuple[RetrainingStep, ...] = Field(
        default=(), description="corrections of the forecasts, in this order, after execution"
    )

    @field_validator("switches")
    @classmethod
    def _known(cls, switches: tuple[str, ...]) -> tuple[str, ...]:
        unknown = sorted(set(switches) - set(CORRECTIONS))
        if unknown or len(set(switches)) < len(switches):
            raise ValueError(f"write each of {sorted(CORRECTIONS)} at most once: {unknown}")
        if len(switches) > MOST_CORRECTIONS:
            raise ValueError(
                f"{len(switches)} switches need {2 ** len(switches)} back-tests: write at most"
                f" {MOST_CORRECTIONS}"
            )
        return switches
