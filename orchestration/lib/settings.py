"""What all sections of an experiment file share."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

RuleSet = Literal["paper", "practitioner"]


class Settings(BaseModel):
    """Base of all sections: unknown keys are errors, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)
