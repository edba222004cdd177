"""Short names of models that still tell them apart."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pandas as pd

# Tokens of a key that say the same of every model are left out, kind by kind.
KINDS = tuple(map(re.compile, ("mse|rank_ic", "expanding|fixed_2y", r"s\d+")))
WORDS = {"mse": "MSE", "rank_ic": "Rank IC", "fixed_2y": "two years"}


def model_labels(models: Iterable[str]) -> dict[str, str]:
    """Label of each model: its library, and what differs between the models given.

    Parameters
    ----------
    models
        Keys of results.dim_model: tokens joined by dashes.

    Returns
    -------
    dict
        Key to label, no two alike: a key whose label would equal another's keeps all its tokens.
        A budget of tuning is always shown.
    """
    tokens = {model: model.split("-") for model in dict.fromkeys(models)}
    common: set[str] = set()
    for kind in KINDS:
        values = {
            token for parts in tokens.values() for token in parts[1:] if kind.fullmatch(token)
        }
        common |= values if len(values) == 1 else set()
    shown = {model: _words(parts, common) for model, parts in tokens.items()}
    counts = list(shown.values())
    return {
        model: label if counts.count(label) == 1 else _words(tokens[model], set())
        for model, label in shown.items()
    }


def labelled(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with words for what a line or panel shows.

    Parameters
    ----------
    rows
        rule_set and model (as they are if there is no model), and settings of a back-test if they
        are back-tests.

    Returns
    -------
    pandas.DataFrame
        With label (model), series (rule set and model) and scenario (model and settings).
    """
    if "model" not in rows:
        return rows
    label = rows["model"].map(model_labels(rows["model"]))
    series = rows["rule_set"] + " " + label
    return rows.assign(label=label, series=series, scenario=label + rows.get("settings", ""))


def _words(parts: list[str], common: set[str]) -> str:
    library, *rest = parts
    return " ".join([library, *(WORDS.get(token, token) for token in rest if token not in common)])
