"""Statements that are announced again: what changes, and when it becomes known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from market_data.simulator.config import SimulationConfig
from market_data.simulator.fundamentals import Fundamentals
from market_data.simulator.streams import Purpose, stream

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
DateArray = NDArray[np.datetime64]

# Share of reports that come with corrected figures of earlier periods, and how many of them.
_EVENT_SHARE = 0.020
_QUARTERS_CORRECTED = np.array([1, 2, 4])
_QUARTERS_WEIGHT = np.array([0.45, 0.20, 0.35])
# Share of reports that correct a year long past, and how many quarters ago that year began.
_OLD_EVENT_SHARE = 0.0007
_OLD_QUARTERS = (8, 17)
# Part of the error that comes to light, and revenue that turns out not to be there.
_STRENGTH = (0.5, 1.5)
_REVENUE_SD = 0.03
_TAX = 0.18


@dataclass(frozen=True)
class Restatements:
    """Statements announced again; arrays of shape (R,), in the order of announcement.

    Attributes
    ----------
    quarter, name
        Which statement.
    announce_date
        Day of the new figures, later than the first announcement of the statement.
    items
        Every statement item as restated, yuan.
    """

    quarter: IntArray
    name: IntArray
    announce_date: DateArray
    items: dict[str, FloatArray]


def draw_restatements(
    config: SimulationConfig, fundamentals: Fundamentals, published: BoolArray
) -> Restatements:
    """Draw which published statements are announced again.

    Corrected figures come with a later report of the same company: mostly those of the last one
    to four quarters, now and then those of a year long past.

    Parameters
    ----------
    config
        Seed.
    fundamentals
        First announcements.
    published
        Which of them exist, shape (Q, N).
    """
    generator = stream(config.seed, Purpose.RESTATEMENT)
    shape = published.shape
    draws = generator.random((2, *shape))
    corrected = generator.choice(_QUARTERS_CORRECTED, shape, p=_QUARTERS_WEIGHT)
    ago = generator.integers(*_OLD_QUARTERS, shape)
    recent = _spread(np.nonzero(draws[0] < _EVENT_SHARE), corrected, corrected)
    old = _spread(np.nonzero(draws[1] < _OLD_EVENT_SHARE), ago, np.full(shape, 4))
    report, name, quarter = np.concatenate([recent, old], axis=1)
    low, high = _STRENGTH
    strength = generator.uniform(low, high, shape)[report, name]
    revenue = np.exp(_REVENUE_SD * generator.standard_normal(shape)[report, name])
    valid = quarter >= 0
    valid &= published[report, name] & published[np.maximum(quarter, 0), name]
    announce = fundamentals.announce_date
    valid &= announce[report, name] > announce[np.maximum(quarter, 0), name]
    report, name, quarter = report[valid], name[valid], quarter[valid]
    strength, revenue = strength[valid], revenue[valid]
    # Two events of one report would announce the same statement twice.
    key = np.vstack([announce[report, name].astype(np.int64), name, quarter])
    _, first = np.unique(key, axis=1, return_index=True)
    report, name, quarter = report[first], name[first], quarter[first]
    items = _restated_items(fundamentals, quarter, name, strength[first], revenue[first])
    return Restatements(quarter, name, announce[report, name], items)


def _spread(events: tuple[IntArray, ...], reach: IntArray, length: IntArray) -> NDArray[np.int64]:
    """Report, name and corrected quarter of every statement that events touch, shape (3, R).

    An event in report r corrects `length` quarters from r - `reach` on.
    """
    report, name = events
    counts = length[report, name]
    owner = np.repeat(np.arange(report.size), counts)
    step = np.arange(owner.size) - np.repeat(np.cumsum(counts) - counts, counts)
    quarter = report[owner] - reach[report, name][owner] + step
    return np.vstack([report[owner], name[owner], quarter]).astype(np.int64)


def _restated_items(
    fundamentals: Fundamentals,
    quarter: IntArray,
    name: IntArray,
    strength: FloatArray,
    revenue: FloatArray,
) -> dict[str, FloatArray]:
    """Items to the cent: the profit error is taken back through equity and receivables.

    Assets fall with equity, so that the balance sheet balances; cash and debt stay.
    """
    items = {key: values[quarter, name] for key, values in fundamentals.items.items()}
    profit = np.round(-strength * fundamentals.profit_error[quarter, name], 2)
    # Book equity never loses more than a fifth to a correction.
    most = np.round(0.2 * items["shareholders_equity"], 2)
    profit = np.clip(profit, -most, most)
    receivable = np.maximum(np.round(items["accounts_receivable"] + 0.5 * profit, 2), 0.0)
    moved = np.round(receivable - items["accounts_receivable"], 2)
    new_revenue = np.round(items["revenue"] * revenue, 2)
    for key in ("net_profit", "parent_net_profit", "deducted_net_profit"):
        items[key] = items[key] + profit
    items["operating_profit"] = items["operating_profit"] + (1.0 + _TAX) * profit
    items["operating_cost"] = items["operating_cost"] * revenue
    items["revenue"] = new_revenue
    items["shareholders_equity"] = items["shareholders_equity"] + profit
    items["total_assets"] = items["total_liabilities"] + items["shareholders_equity"]
    items["current_assets"] = items["current_assets"] + moved
    items["accounts_receivable"] = receivable
    return {key: np.round(values, 2) for key, values in items.items()}
