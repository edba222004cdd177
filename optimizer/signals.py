"""What a back-test knows of a model: its predictions and the universe of its rule set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from optimizer.arrays import BoolArray, FloatArray
from optimizer.baselines import NO_MODEL
from optimizer.columns import SIGNAL_TABLES
from optimizer.errors import InputError
from optimizer.frames import take_frames
from optimizer.inputs import MarketData
from optimizer.week_cells import present_weeks, week_cells


@dataclass(frozen=True)
class Signals:
    """One model's predictions and its rule set's universe, on the axes of a `MarketData`.

    Attributes
    ----------
    in_universe
        [W, N].
    industry_codes, industry
        Codes and [W, N] positions among them, -1 where unknown.
    prediction
        [W, N], NaN where there is none.
    has_universe, has_prediction
        [W], weeks for which there are any rows.
    """

    rule_set: str
    model: str
    in_universe: BoolArray
    industry_codes: tuple[str, ...]
    industry: npt.NDArray[np.int16]
    prediction: FloatArray
    has_universe: BoolArray
    has_prediction: BoolArray

    @classmethod
    def from_frames(
        cls,
        frames: Mapping[str, Any],
        *,
        market: MarketData,
        rule_set: str,
        model: str,
        universe_rule_set: str = "",
    ) -> Signals:
        """Build from warehouse tables (`optimizer.columns.SIGNAL_TABLES`).

        The universe is that of `universe_rule_set`, where the model forecasts another one's than
        that of its own rule set.

        Raises
        ------
        InputError
            If there are no rows for the rule set and model, a key repeats, or a name in the
            universe or with a prediction has no bars at all.
        """
        taken = take_frames(frames, SIGNAL_TABLES)
        universe = universe_rule_set or rule_set
        bare = cls.of_universe(frames, market=market, rule_set=universe)
        prediction = taken["results.fct_prediction"].where_equal("rule_set", rule_set)
        prediction = prediction.where_equal("model", model)
        if not len(prediction):
            raise InputError(
                f"{prediction.name} has no rows for {rule_set}, {model}: build it before trading"
            )
        values = np.full(bare.prediction.shape, np.nan)
        predicted = prediction.numbers("prediction")
        cells = week_cells(
            prediction, market.weeks, market.symbols, must_know=np.isfinite(predicted)
        )
        values[cells.week, cells.name] = predicted[cells.row]
        values[~np.isfinite(values)] = np.nan
        return replace(
            bare,
            rule_set=rule_set,
            model=model,
            prediction=values,
            has_prediction=np.isfinite(values).any(axis=1),
        )

    @classmethod
    def of_universe(
        cls, frames: Mapping[str, Any], *, market: MarketData, rule_set: str
    ) -> Signals:
        """The universe of a rule set alone: every member is forecast the same, 0.

        Raises
        ------
        InputError
            If there are no rows for the rule set, a key repeats, or a member has no bars at all.
        """
        table = "core.fct_universe_week"
        universe = take_frames(frames, {table: SIGNAL_TABLES[table]})[table]
        universe = universe.where_equal("rule_set", rule_set)
        if not len(universe):
            raise InputError(f"{table} has no rows for {rule_set}: build it before trading")
        shape = (market.weeks.size, len(market.symbols))
        codes = tuple(universe.text("industry_code"))
        in_universe = np.zeros(shape, dtype=np.bool_)
        industry = np.full(shape, -1, dtype=np.int16)
        member = universe.flags("in_universe")
        at = week_cells(universe, market.weeks, market.symbols, must_know=member)
        in_universe[at.week, at.name] = member[at.row]
        industry[at.week, at.name] = universe.codes("industry_code", codes)[at.row]
        present = present_weeks(at.week, shape[0])
        return cls(
            rule_set=rule_set,
            model=NO_MODEL,
            in_universe=in_universe,
            industry_codes=codes,
            industry=industry,
            prediction=np.where(in_universe, 0.0, np.nan),
            has_universe=present,
            has_prediction=present,
        )
