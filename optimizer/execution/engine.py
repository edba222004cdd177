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
from optimizer.execution.book import Basis, Book, OrderBatch
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
    held = book.held()
    gone = held[~market.is_listed[session, held]]
    if gone.size:
        last = np.full(gone.size, session - 1)
        price = market.adj_close[last, gone]
        found, batches = _liquidate(
            market, last, price, np.zeros(gone.size), book, batches, basis, gone, "delisted"
        )
        fills += found
    if policy.sells_suspended:
        held = book.held()
        stopped = held[~market.is_tradable[session, held]]
        if stopped.size:
            last = _last_traded(market, session, stopped)
            rates = policy.costs.rates(market, session, stopped)
            price = market.adj_vwap[last, stopped]
            found, batches = _liquidate(
                market, last, price, rates, book, batches, basis, stopped, "forced_sale"
            )
            fills += found
    fills += [_fill_batch(market, session, book, batch, policy) for batch in batches]
    return fills, _still_open(book, batches) if policy.retries else []


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
    market: MarketData,
    priced_at: IntArray,
    price: FloatArray,
    rates: FloatArray,
    book: Book,
    batches: Sequence[OrderBatch],
    basis: Basis,
    names: IntArray,
    reason: str,
) -> tuple[list[Fills], list[OrderBatch]]:
    """Turn holdings into cash at given prices; open orders of these names end here."""
    fills: list[Fills] = []
    remaining: list[OrderBatch] = []
    pending = np.ones(names.size, dtype=np.bool_)
    groups: list[tuple[Basis, IntArray, FloatArray]] = []
    for batch in batches:
        hit = np.isin(batch.names, names)
        position = np.searchsorted(names, batch.names[hit])
        pending[position] = False
        groups.append((batch.basis, position, batch.target_weight[hit]))
        remaining.append(batch.subset(~hit))
    rest = np.flatnonzero(pending)
    groups.append((basis, rest, np.zeros(rest.size)))
    for units, position, target in groups:
        if not position.size:
            continue
        chosen = names[position]
        value = book.quantity[chosen] * price[position]
        fills.append(
            Fills(
                adjustment=units.adjustment,
                names=chosen,
                weight_before=units.weight(book.quantity[chosen], chosen),
                target_weight=target,
                filled_weight=np.zeros(chosen.size),
                shortfalls={reason: target} if target.any() else {},
                remark=[reason] * chosen.size,
                traded_value=value,
                cost=value * rates[position],
                price=price[position] / market.adj_factor[priced_at[position], chosen],
            )
        )
        book.cash += float(value.sum() - (value * rates[position]).sum())
        book.quantity[chosen] = 0.0
    return fills, remaining


def _fill_batch(
    market: MarketData, session: int, book: Book, batch: OrderBatch, policy: ExecutionPolicy
) -> Fills:
    """Fill what can be filled of a batch at the session's VWAP."""
    names, basis = batch.names, batch.basis
    before = book.quantity[names]
    requested = batch.outstanding(book)
    shortfalls: dict[str, FloatArray] = {}
    allowed = requested
    for limit in policy.fill_limits:
        reduced = limit.allowed(market, session, names, allowed)
        if (reduced != allowed).any():
            shortfalls[limit.reason] = basis.weight(allowed - reduced, names)
        allowed = reduced
    price = np.where(allowed != 0.0, market.adj_vwap[session, names], 0.0)
    rates = policy.costs.rates(market, session, names)
    sold = np.minimum(allowed, 0.0) * -price
    book.cash += float((sold * (1.0 - rates)).sum())
    bought, share = _affordable(np.maximum(allowed, 0.0) * price, rates, book.cash)
    if share < 1.0:
        reduced = np.where(allowed > 0.0, allowed * share, allowed)
        shortfalls["cash"] = basis.weight(allowed - reduced, names)
        allowed = reduced
    book.cash -= float((bought * (1.0 + rates)).sum())
    # A complete fill lands on the target itself, so that a sold name is held no more.
    after = np.where(allowed == requested, batch.target_quantity, before + allowed)
    book.quantity[names] = after
    return Fills(
        adjustment=basis.adjustment,
        names=names,
        weight_before=basis.weight(before, names),
        target_weight=batch.target_weight,
        filled_weight=basis.weight(after, names),
        shortfalls=shortfalls,
        remark=_remarks(batch, requested),
        traded_value=sold + bought,
        cost=(sold + bought) * rates,
        price=np.where(
            allowed != 0.0,
            market.adj_vwap[session, names] / market.adj_factor[session, names],
            np.nan,
        ),
    )


def _affordable(wanted: FloatArray, rates: FloatArray, cash: float) -> tuple[FloatArray, float]:
    """Values bought with the cash there is, all purchases scaled alike, and the scale."""
    needed = float((wanted * (1.0 + rates)).sum())
    available = cash if cash > _NO_CASH else 0.0
    share = 1.0 if needed <= available else available / needed
    return wanted * share, share


def _remarks(batch: OrderBatch, requested: FloatArray) -> list[str]:
    words = np.where(batch.is_frozen, "frozen", np.where(requested == 0.0, "unchanged", "filled"))
    return [str(word) for word in words]
