"""Where only five weeks together tell what is paid, a recurrent net finds it and others do not.

The panel is taken from the simulator at its week ends: on which side of the day's range a name
traded that week, its return and turnover, and columns of noise.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pytest

from market_data.simulator import SimulationConfig
from market_data.simulator.run import prepare_engine
from models_ml.canaries import exceeds_attainable, out_of_sample_rank_ic
from models_ml.metrics import newey_west_t, weekly_rank_ic
from models_ml.panel import Panel
from models_ml.rules import TrainingRules
from models_ml.specs import ModelSpec
from models_ml.windows import half_year_windows

RULES = TrainingRules.practitioner()
WINDOWS = half_year_windows("2019H1", "2019H1")
MODELS = (
    ModelSpec("ridge"),
    ModelSpec("xgboost", parameters={"max_rounds": 60, "eta": 0.1}),
    ModelSpec(
        "gru",
        parameters={
            "hidden_size": 24,
            "learning_rate": 0.01,
            "batch_size": 512,
            "dropout_rate": 0.0,
            "max_epochs": 10,
            "early_stop": 3,
        },
    ),
)
WEEK_SESSIONS = 5
SEASONED_SESSIONS = 60
NOISE_COLUMNS = 3
STOCKS = 500


@dataclass(frozen=True)
class Comparison:
    """Weekly out-of-sample Rank IC of every model, and of the truth."""

    rank_ic: dict[str, np.ndarray]
    attainable: np.ndarray

    def share(self, model: str) -> float:
        return float(np.nanmean(self.rank_ic[model]) / self.attainable.mean())

    def t_of_gru_over(self, model: str) -> float:
        difference = self.rank_ic["gru"] - self.rank_ic[model]
        return newey_west_t(difference[np.isfinite(difference)], lag=1)


def standardised(values: np.ndarray) -> np.ndarray:
    centred = values - np.nanmean(values)
    return np.clip(np.nan_to_num(centred / np.nanstd(values)), -3.0, 3.0)


def market_panel(config: SimulationConfig) -> tuple[Panel, np.ndarray]:
    """Panel of names listed for a quarter, VWAP labels of one week, and their true expectation."""
    engine = prepare_engine(config)
    names, sessions = len(engine.population), len(engine.calendar)
    close, vwap, side, turnover = (np.full((sessions, names), np.nan) for _ in range(4))
    ends = []
    for bars, truth in engine.run():
        n, at = bars.close.size, bars.position
        close[at, :n] = np.log(bars.close * bars.adj_factor)
        traded = np.where(bars.volume > 0, bars.volume, np.nan)
        vwap[at, :n] = bars.amount / traded * bars.adj_factor
        side[at, :n] = np.log(vwap[at, :n]) - close[at, :n]
        turnover[at, :n] = np.log(np.where(bars.volume > 0, bars.turnover_percent, np.nan))
        if truth is not None and at >= SEASONED_SESSIONS:
            ends.append(truth)
    noise = np.random.default_rng(0)
    rows = []
    for truth, following in zip(ends[:-1], ends[1:], strict=True):
        at = truth.position
        if following.position + 1 == sessions:
            break
        label = vwap[following.position + 1] / vwap[at + 1] - 1.0
        week = slice(at - WEEK_SESSIONS + 1, at + 1)
        known = np.isfinite(label[truth.names]) & np.isfinite(
            close[at - SEASONED_SESSIONS, truth.names]
        )
        known &= np.isfinite(side[week, truth.names]).any(axis=0)
        chosen = truth.names[known]
        features = [
            standardised(np.nanmean(side[week, chosen], axis=0)),
            standardised(close[at, chosen] - close[at - WEEK_SESSIONS, chosen]),
            standardised(np.nanmean(turnover[week, chosen], axis=0)),
            *noise.standard_normal((NOISE_COLUMNS, chosen.size)),
        ]
        raw = label[chosen]
        target = (raw - raw.mean()) / raw.std(ddof=1)
        day = np.full(chosen.size, engine.calendar.dates[at])
        expected = truth.expected["expected_return_vwap_1w"][known]
        rows.append((np.column_stack(features), chosen, day, target, raw, expected))
    features, symbols, weeks, target, raw, expected = map(np.concatenate, zip(*rows, strict=True))
    panel = Panel(
        features=np.ascontiguousarray(features, dtype=np.float32),
        feature_names=tuple(f"factor_{number}" for number in range(features.shape[1])),
        symbol_codes=symbols.astype(np.int32),
        symbols=np.array([f"{number:06d}" for number in range(names)]),
        week_dates=weeks.astype("datetime64[D]"),
        target=target,
        raw_label=raw,
        label_known_at=weeks.astype("datetime64[D]") + np.timedelta64(10, "D"),
        tradable=np.ones(len(raw), dtype=np.bool_),
        uses_future=np.zeros(len(raw), dtype=np.bool_),
    )
    return panel, expected


@pytest.fixture(scope="module")
def compared() -> Comparison:
    config = SimulationConfig.for_size(
        "tiny",
        memory=True,
        start_date=date(2016, 10, 10),
        end_date=date(2019, 7, 12),
        stocks_at_start=STOCKS,
        stocks_at_end=STOCKS + 20,
    )
    panel, expected = market_panel(config)
    tested = np.logical_or.reduce([window.contains(panel.week_dates) for window in WINDOWS])
    truth = weekly_rank_ic(panel.week_dates[tested], expected[tested], panel.raw_label[tested])
    found = {
        spec.library: out_of_sample_rank_ic(panel, spec, WINDOWS, RULES, threads=1)
        for spec in MODELS
    }
    return Comparison(found, truth.rank_ic)


@pytest.mark.parametrize("model", ["ridge", "xgboost"])
def test_the_net_beats_models_of_one_week(compared: Comparison, model: str) -> None:
    assert compared.t_of_gru_over(model) > 3.0


@pytest.mark.parametrize("model", ["ridge", "xgboost"])
def test_models_of_one_week_find_nothing(compared: Comparison, model: str) -> None:
    assert compared.share(model) < 0.25


def test_the_net_finds_much_of_what_is_there_and_no_more(compared: Comparison) -> None:
    assert 0.1 < compared.attainable.mean() < 0.25
    assert compared.share("gru") > 0.4
    assert not exceeds_attainable(compared.rank_ic["gru"], compared.attainable).exceeds
