"""One session of trading: forced liquidations, then open orders, each with its reasons.

Holdings are in adjusted units (see `optimizer.inputs`). Sales come before purchases; purchases
share what cash there is in proportion. For every order, target minus filled weight is the sum of
the shortfalls of its reasons.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.arrays import FloatArray, IntArray
from optimizer.errors import InputError
from optimizer.execution.book import Basis, Book, OrderBatch, Purchase
from optimizer.execution.policy import SMALLEST_RETRY_WEIGHT, ExecutionPolicy
from optimizer.inputs import MarketData

# What rounding leaves of cash that was spent to the last is not traded with.
_NO_CASH = 1e-12


@dataclass(frozen=True)
class Fills:
    """What happened to some orders on one session; [orders] each.

    Attributes
    ----------
    adjustment
        Session of the rebalance the orders belong to; its decision's close and value are the
        units of all weights.
    weight_before, target_weight, filled_weight
        Held before the session's trading, wanted, held after it.
    shortfalls
        Reason to the part of target minus filled it explains (negative for unsold holdings).
    remark
        Reason stored where nothing is short: `filled`, `unchanged`, `frozen`, or why a holding was
        liquidated.
    traded_value, cost
        In units of initial capital; the value is never negative.
    price
        Raw yuan per share, NaN where nothing was traded.
    """

    adjustment: int
    names: IntArray
    weight_before: FloatArray
    target_weight: FloatArray
    filled_weight: FloatArray
    shortfalls: dict[str, FloatArray]
    remark: list[str]
    traded_value: FloatArray
    cost: FloatArray
    price: FloatArray


@dataclass(frozen=True)
class _ForcedSale:
    """Holdings sold without an order: why, which, at what prices and cost rates; [names] each."""

    reason: str
    names: IntArray
    price: FloatArray
    raw_price: FloatArray
    rates: FloatArray


def trade_session(
    market: MarketData,
    session: int,
    book: Book,
    batches: Sequence[OrderBatch],
    policy: ExecutionPolicy,
    basis: Basis,
) -> tuple[list[Fills], list[OrderBatch]]:
    """Trade one session; changes the book.

    Parameters
    ----------
    batches
        Open orders, older rebalances first.
    basis
        Of the latest rebalance: units of liquidations that no order asked for.

    Returns
    -------
    fills, batches
        What happened, and the orders that stay open.
    """
    fills: list[Fills] = []
    for sale in _forced_sales(market, session, book, policy):
        found, batches = _liquidate(book, sale, batches, basis)
        fills += found
    fills += [_fill_batch(market, session, book, batch, policy) for batch in batches]
    return fills, _still_open(book, batches) if policy.retries else []


def _forced_sales(
    market: MarketData, session: int, book: Book, policy: ExecutionPolicy
) -> list[_ForcedSale]:
    """Holdings that leave the exchange, and suspended ones where the policy sells them."""
    held = book.held()
    listed = market.is_listed[session, held]
    gone, stopped = held[~listed], held[listed & ~market.is_tradable[session, held]]
    sales = []
    if gone.size:
        price = market.adj_close[session - 1, gone]
        raw = price / market.adj_factor[session - 1, gone]
        sales.append(_ForcedSale("delisted", gone, price, raw, np.zeros(gone.size)))
    if stopped.size and policy.sells_suspended:
        last = _last_traded(market, session, stopped)
        price = market.adj_vwap[last, stopped]
        raw = price / market.adj_factor[last, stopped]
        sold = np.ones(stopped.size, dtype=np.bool_)
        rates = policy.costs.rates(market, session, stopped, sold, raw)
        sales.append(_ForcedSale("forced_sale", stopped, price, raw, rates))
    return sales


def _still_open(book: Book, batches: Sequence[OrderBatch]) -> list[OrderBatch]:
    remaining = []
    for batch in batches:
        weight = np.abs(batch.basis.weight(batch.outstanding(book), batch.names))
        open_orders = batch.subset(weight > SMALLEST_RETRY_WEIGHT)
        if open_orders.names.size:
            remaining.append(open_orders)
    return remaining


def carried_exits(batches: Sequence[OrderBatch], frozen: IntArray) -> list[OrderBatch]:
    """Forced exits that outlive an adjustment: their names are frozen at the new decision."""
    kept = [batch.subset(batch.is_exit & np.isin(batch.names, frozen)) for batch in batches]
    return [batch for batch in kept if batch.names.size]


def _last_traded(market: MarketData, session: int, names: IntArray) -> IntArray:
    """Last session up to this one on which each name traded, [names]."""
    traded = market.is_tradable[: session + 1, names]
    never = ~traded.any(axis=0)
    if never.any():
        raise InputError(
            f"{market.symbols[names[int(np.argmax(never))]]} is held but never traded up to"
            f" {market.sessions[session]}: the bars must start before the first trade"
        )
    return np.asarray(session - np.argmax(traded[::-1], axis=0), dtype=np.intp)


def _liquidate(
    book: Book, sale: _ForcedSale, batches: Sequence[OrderBatch], basis: Basis
) -> tuple[list[Fills], list[OrderBatch]]:
    """Turn holdings into cash at given prices; open orders of these names end here.

    A name with an open order is reported under that order's rebalance and target, any other under
    the latest rebalance with target zero.
    """
    pending = np.ones(sale.names.size, dtype=np.bool_)
    groups: list[tuple[Basis, IntArray, FloatArray]] = []
    remaining: list[OrderBatch] = []
    for batch in batches:
        hit = np.isin(batch.names, sale.names)
        position = np.searchsorted(sale.names, batch.names[hit])
        pending[position] = False
        groups.append((batch.basis, position, batch.target_weight[hit]))
        remaining.append(batch.subset(~hit))
    rest = np.flatnonzero(pending)
    groups.append((basis, rest, np.zeros(rest.size)))
    fills = [
        _sell_out(book, sale, units, position, target)
        for units, position, target in groups
        if position.size
    ]
    return fills, remaining


def _sell_out(
    book: Book, sale: _ForcedSale, units: Basis, position: IntArray, target: FloatArray
) -> Fills:
    """Sell all of some names of a forced sale; `target` is what their orders wanted."""
    names = sale.names[position]
    value = book.quantity[names] * sale.price[position]
    cost = value * sale.rates[position]
    before = units.weight(book.quantity[names], names)
    book.cash += float((value - cost).sum())
    book.quantity[names] = 0.0
    return Fills(
        adjustment=units.adjustment,
        names=names,
        weight_before=before,
        target_weight=target,
        filled_weight=np.zeros(names.size),
        shortfalls={sale.reason: target} if target.any() else {},
        remark=[sale.reason] * names.size,
        traded_value=value,
        cost=cost,
        price=sale.raw_price[position],
    )


def _fill_batch(
    market: MarketData, session: int, book: Book, batch: OrderBatch, policy: ExecutionPolicy
) -> Fills:
    """Fill what can be filled of a batch at the session's VWAP."""
    names, basis = batch.names, batch.basis
    before, requested = book.quantity[names], batch.outstanding(book)
    allowed, cuts = _limited(market, session, book, names, requested, policy)
    vwap = market.adj_vwap[session, names]
    raw = vwap / market.adj_factor[session, names]
    price = np.where(allowed != 0.0, vwap, 0.0)
    rates = policy.costs.rates(market, session, names, allowed < 0.0, raw)
    sold = np.minimum(allowed, 0.0) * -price
    book.cash += float((sold * (1.0 - rates)).sum())
    bought, share = _affordable(np.maximum(allowed, 0.0) * price, rates, book.cash)
    book.cash -= float((bought * (1.0 + rates)).sum())
    if share < 1.0:
        reduced = np.where(allowed > 0.0, allowed * share, allowed)
        cuts["cash"] = allowed - reduced
        allowed = reduced
    # A complete fill lands on the target itself, so that a sold name is held no more.
    after = np.where(allowed == requested, batch.target_quantity, before + allowed)
    book.quantity[names] = after
    gained = np.flatnonzero(allowed > 0.0)
    if gained.size:
        book.purchases.append(Purchase(session, names[gained], allowed[gained]))
    return Fills(
        adjustment=basis.adjustment,
        names=names,
        weight_before=basis.weight(before, names),
        target_weight=batch.target_weight,
        filled_weight=basis.weight(after, names),
        shortfalls={reason: basis.weight(cut, names) for reason, cut in cuts.items()},
        remark=_remarks(batch, requested),
        traded_value=sold + bought,
        cost=(sold + bought) * rates,
        price=np.where(allowed != 0.0, raw, np.nan),
    )


def _limited(
    market: MarketData,
    session: int,
    book: Book,
    names: IntArray,
    requested: FloatArray,
    policy: ExecutionPolicy,
) -> tuple[FloatArray, dict[str, FloatArray]]:
    """Quantities the limits allow, and what each limit in turn took away."""
    allowed, cuts = requested, {}
    for limit in policy.fill_limits:
        reduced = limit.allowed(market, session, book, names, allowed)
        if (reduced != allowed).any():
            cuts[limit.reason] = allowed - reduced
        allowed = reduced
    return allowed, cuts


def _affordable(wanted: FloatArray, rates: FloatArray, cash: float) -> tuple[FloatArray, float]:
    """Values bought with the cash there is, all purchases scaled alike, and the scale."""
    needed = float((wanted * (1.0 + rates)).sum())
    available = cash if cash > _NO_CASH else 0.0
    share = 1.0 if needed <= available else available / needed
    return wanted * share, share


def _remarks(batch: OrderBatch, requested: FloatArray) -> list[str]:
    words = np.where(batch.is_frozen, "frozen", np.where(requested == 0.0, "unchanged", "filled"))
    return [str(word) for word in words]
