"""Where products of characteristics are paid, trees beat a linear model; elsewhere they do not.

The panel is taken from the simulator at its week ends: the styles, what prices and turnover show
of them over other horizons, and columns of noise.
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
WINDOWS = half_year_windows("2018H2", "2019H2")
TREES = ModelSpec("xgboost", parameters={"max_rounds": 60, "eta": 0.1})
RETURN_SESSIONS = (1, 5, 20, 60, 120)
TURNOVER_SESSIONS = (5, 60)
SEASONED_SESSIONS = 240
NOISE_COLUMNS = 8
STOCKS = 500


@dataclass(frozen=True)
class Comparison:
    """Weekly out-of-sample Rank IC of ridge and trees, and of the truth."""

    ridge: np.ndarray
    trees: np.ndarray
    attainable: np.ndarray

    @property
    def t_of_trees_over_ridge(self) -> float:
        return newey_west_t(self.trees - self.ridge, lag=1)


def standardised(values: np.ndarray) -> np.ndarray:
    centred = values - np.nanmean(values)
    return np.clip(np.nan_to_num(centred / np.nanstd(values)), -3.0, 3.0)


def market_panel(config: SimulationConfig) -> tuple[Panel, np.ndarray]:
    """Panel of names listed for a year, VWAP labels of one week, and their true expectation."""
    engine = prepare_engine(config)
    names = len(engine.population)
    sessions = len(engine.calendar)
    close, vwap, turnover = (np.full((sessions, names), np.nan) for _ in range(3))
    ends = []
    for bars, truth in engine.run():
        n, at = bars.close.size, bars.position
        close[at, :n] = np.log(bars.close * bars.adj_factor)
        traded = np.where(bars.volume > 0, bars.volume, np.nan)
        vwap[at, :n] = bars.amount / traded * bars.adj_factor
        turnover[at, :n] = np.log(np.where(bars.volume > 0, bars.turnover_percent, np.nan))
        if truth is not None and at >= SEASONED_SESSIONS:
            ends.append((truth, engine.state.exposures[:, :n].copy()))
    noise = np.random.default_rng(0)
    rows = []
    for (truth, exposures), (following, _) in zip(ends[:-1], ends[1:], strict=True):
        at = truth.position
        if following.position + 1 == sessions:
            break
        label = vwap[following.position + 1] / vwap[at + 1] - 1.0
        known = np.isfinite(label[truth.names]) & np.isfinite(
            close[at - SEASONED_SESSIONS, truth.names]
        )
        chosen = truth.names[known]
        features = [
            *exposures[:, chosen],
            *(standardised(close[at, chosen] - close[at - k, chosen]) for k in RETURN_SESSIONS),
            *(
                standardised(np.nanmean(turnover[at - k + 1 : at + 1, chosen], axis=0))
                for k in TURNOVER_SESSIONS
            ),
            *noise.standard_normal((NOISE_COLUMNS, chosen.size)),
        ]
        week = np.full(chosen.size, engine.calendar.dates[at])
        expected = truth.expected["expected_return_vwap_1w"][known]
        raw = label[chosen]
        target = (raw - raw.mean()) / raw.std(ddof=1)
        rows.append((np.column_stack(features), chosen, week, target, raw, expected))
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


def compared(*, interactions: bool) -> Comparison:
    config = SimulationConfig.for_size(
        "tiny",
        interactions=interactions,
        start_date=date(2015, 1, 5),
        end_date=date(2020, 1, 10),
        stocks_at_start=STOCKS,
        stocks_at_end=STOCKS + 20,
    )
    panel, expected = market_panel(config)
    tested = np.logical_or.reduce([window.contains(panel.week_dates) for window in WINDOWS])
    truth = weekly_rank_ic(panel.week_dates[tested], expected[tested], panel.raw_label[tested])
    ridge, trees = (
        out_of_sample_rank_ic(panel, spec, WINDOWS, RULES) for spec in (ModelSpec("ridge"), TREES)
    )
    return Comparison(ridge, trees, truth.rank_ic)


@pytest.fixture(scope="module")
def with_products() -> Comparison:
    return compared(interactions=True)


@pytest.fixture(scope="module")
def linear() -> Comparison:
    return compared(interactions=False)


def test_trees_beat_ridge_where_products_are_paid(with_products: Comparison) -> None:
    assert with_products.t_of_trees_over_ridge > 3.0
    assert with_products.trees.mean() > 0.4 * with_products.attainable.mean()
    assert not exceeds_attainable(with_products.trees, with_products.attainable).exceeds


def test_trees_do_not_beat_ridge_where_styles_are_paid_one_by_one(linear: Comparison) -> None:
    assert linear.t_of_trees_over_ridge < 2.0
    assert linear.ridge.mean() > 0.4 * linear.attainable.mean()


def test_both_markets_have_as_much_to_forecast(
    with_products: Comparison, linear: Comparison
) -> None:
    assert with_products.attainable.mean() == pytest.approx(linear.attainable.mean(), abs=0.03)
    assert 0.06 < with_products.attainable.mean() < 0.13
