"""Columns of the large tables of a back-test, of all its sessions at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from optimizer.arrays import FloatArray, IntArray
from optimizer.execution.engine import Fills
from optimizer.execution.holdings import ValuedBook
from optimizer.inputs import MarketData
from optimizer.trading_kernels import COST_PARTS

REASONS = (
    "delisted",
    "forced_sale",
    "suspended",
    "one_price_day",
    "limit_up",
    "limit_down",
    "t_plus_1",
    "volume_cap",
    "lot",
    "cash",
)
"""Why target and filled differ; of equally large ones the first is that of the fill."""

# What a fill says where nothing is short.
_REMARKS = ("filled", "unchanged", "frozen")
_WORDS = REASONS + _REMARKS


@dataclass(frozen=True)
class Words:
    """A column of words: positions among those there are, [rows]."""

    position: IntArray
    words: Sequence[str]

    def column(self) -> Any:
        """As an Arrow column of text."""
        words = pa.array(self.words, type=pa.string())
        return pa.DictionaryArray.from_arrays(self.position, words).dictionary_decode()


def position_columns(market: MarketData, books: Sequence[tuple[int, ValuedBook]]) -> dict[str, Any]:
    """Columns of `position`; none where nothing was ever held."""
    if not books:
        return {}
    session = np.repeat([at for at, _ in books], [book.names.size for _, book in books])
    nav = np.repeat([book.nav for _, book in books], [book.names.size for _, book in books])
    names = np.concatenate([book.names for _, book in books])
    shares = np.concatenate([book.shares for _, book in books])
    price = np.concatenate([book.price for _, book in books])
    value = shares * price
    return {
        "trade_date": market.sessions[session],
        "symbol": Words(names, market.symbols),
        "shares": shares,
        "close_price": price,
        "value_cny": value,
        "weight": value / nav,
        "is_tradable": market.is_tradable[session, names],
    }


def fill_columns(
    market: MarketData, capital: float, recorded: Sequence[tuple[int, Fills]]
) -> dict[str, dict[str, Any]]:
    """Columns of `fill` and `fill_reason`; none where nothing was ever ordered."""
    if not recorded:
        return {}
    rows = _Rows.of(recorded)
    keys = {
        "rebalance_date": market.sessions[rows.adjustment],
        "trade_date": market.sessions[rows.session],
    }
    before, after = (rows.weight(rows.joined(field)) for field in ("before", "after"))
    target, traded = rows.joined("target_weight"), rows.joined("traded")
    value = rows.joined("value") / capital
    costs = np.concatenate([fills.costs for fills in rows.fills], axis=1) / capital
    place, reason, cuts = rows.cuts()
    fill = {
        **keys,
        "symbol": Words(rows.names, market.symbols),
        "weight_before": before,
        "target_weight": target,
        "filled_weight": after,
        "shortfall_weight": target - after,
        "reason": Words(rows.words(place, reason, cuts), _WORDS),
        "traded_shares": traded,
        "traded_value": value,
        "fill_price": np.where(traded != 0.0, rows.joined("price"), np.nan),
        "cost": costs.sum(axis=0),
        **dict(zip(COST_PARTS, costs, strict=True)),
    }
    fill_reason = {
        **{name: values[place] for name, values in keys.items()},
        "symbol": Words(rows.names[place], market.symbols),
        "reason": Words(reason, REASONS),
        "shortfall_weight": cuts,
    }
    return {"fill": fill, "fill_reason": fill_reason if place.size else {}}


@dataclass(frozen=True)
class _Rows:
    """All fills one below the other, [rows] each."""

    fills: Sequence[Fills]
    count: IntArray
    session: IntArray
    adjustment: IntArray
    names: IntArray
    unit_price: FloatArray
    unit_nav: FloatArray

    @classmethod
    def of(cls, recorded: Sequence[tuple[int, Fills]]) -> _Rows:
        fills = [each for _, each in recorded]
        count = np.array([each.names.size for each in fills])
        return cls(
            fills=fills,
            count=count,
            session=np.repeat([session for session, _ in recorded], count),
            adjustment=np.repeat([each.adjustment for each in fills], count),
            names=np.concatenate([each.names for each in fills]),
            unit_price=np.concatenate([each.unit_price for each in fills]),
            unit_nav=np.repeat([each.unit_nav for each in fills], count),
        )

    def joined(self, field: str) -> Any:
        """A field of the fills."""
        return np.concatenate([getattr(each, field) for each in self.fills])

    def weight(self, shares: FloatArray) -> FloatArray:
        """Shares in units of the decisions."""
        return shares * self.unit_price / self.unit_nav

    def cuts(self) -> tuple[IntArray, IntArray, FloatArray]:
        """Of every shortfall its row, its position among the reasons, and its weight."""
        rows, reasons, shares = [], [], []
        first = np.cumsum(self.count) - self.count
        for start, each in zip(first, self.fills, strict=True):
            for reason, cut in each.cuts.items():
                short = np.flatnonzero(cut)
                rows.append(start + short)
                reasons.append(np.full(short.size, REASONS.index(reason)))
                shares.append(cut[short])
        if not rows:
            nothing = np.empty(0, dtype=np.intp)
            return nothing, nothing, np.empty(0)
        row = np.concatenate(rows)
        weight = np.concatenate(shares) * self.unit_price[row] / self.unit_nav[row]
        return row, np.concatenate(reasons), weight

    def words(self, row: IntArray, reason: IntArray, cuts: FloatArray) -> IntArray:
        """Reason of the largest shortfall of each row, a remark where nothing is short."""
        size = np.zeros((self.names.size, len(REASONS)))
        size[row, reason] = np.abs(cuts)
        words = self._remarks()
        words[row] = size.argmax(axis=1)[row]
        return words

    def _remarks(self) -> IntArray:
        filled, unchanged, frozen = (_WORDS.index(remark) for remark in _REMARKS)
        is_unchanged = self.joined("requested") == 0.0
        remarks = np.where(self.joined("is_frozen"), frozen, filled)
        remarks = np.where(is_unchanged & (remarks == filled), unchanged, remarks)
        why = [_WORDS.index(each.liquidation) if each.liquidation else -1 for each in self.fills]
        forced = np.repeat(why, self.count)
        return np.where(forced >= 0, forced, remarks)
