"""Portfolios by rule, beside which an optimised one has to be seen; named like models."""

from __future__ import annotations

import numpy as np

from optimizer.arrays import BoolArray, FloatArray, IntArray

PREFIX = "baseline-"
EQUAL_UNIVERSE = f"{PREFIX}equal-universe"
EQUAL_INDEX = f"{PREFIX}equal-index"
INDEX = f"{PREFIX}index"
TOP_OF = f"{PREFIX}top-of-"
# What a baseline without forecasts trades on: the universe alone.
NO_MODEL = "none"


def is_baseline(model: str) -> bool:
    """Whether a model key names a portfolio by rule."""
    return model.startswith(PREFIX)


def is_known(model: str) -> bool:
    """Whether a key that names a baseline names one there is."""
    fixed = (EQUAL_UNIVERSE, EQUAL_INDEX, INDEX)
    return model in fixed or (model.startswith(TOP_OF) and len(model) > len(TOP_OF))


def signal_model(model: str) -> str:
    """Model whose forecasts a portfolio reads; `NO_MODEL` where it reads none."""
    if model.startswith(TOP_OF):
        return model.removeprefix(TOP_OF)
    return NO_MODEL if is_baseline(model) else model


def equal_weights(chosen: IntArray, frozen: FloatArray, count: int) -> FloatArray:
    """Weights of a portfolio by rule.

    Parameters
    ----------
    chosen
        Positions of the names to hold, none of them frozen.
    frozen
        [N], weights of holdings that cannot be sold, 0 elsewhere.
    count
        What is not frozen is spread over so many names; fewer chosen ones leave cash.

    Returns
    -------
    FloatArray
        [N], summing to at most one.
    """
    weights = frozen.copy()
    if chosen.size:
        weights[chosen] = max(1.0 - float(frozen.sum()), 0.0) / max(count, chosen.size)
    return weights


def highest(forecast: FloatArray, eligible: BoolArray, count: int) -> IntArray:
    """Positions of the `count` highest forecasts among eligible names; ties by position."""
    names = np.flatnonzero(eligible)
    order = np.lexsort((names, -forecast[names]))
    return np.sort(names[order[:count]])
