"""One session of trading: corporate actions, forced liquidations, then open orders.

Holdings are raw shares, money is yuan. Sales come before purchases; purchases share what cash there
is in proportion. For every order, target minus filled weight is the sum of the shortfalls of its
reasons.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from optimizer.arrays import FloatArray, IntArray
from optimizer.errors import InputError
from optimizer.execution.book import Basis, Book, OrderBatch, Purchase
from optimizer.execution.costs import COST_PARTS
from optimizer.execution.policy import SMALLEST_RETRY_WEIGHT, ExecutionPolicy
from optimizer.execution.quotes import Quotes
from optimizer.inputs import MarketData

# What rounding leaves of cash that was spent to the last is not traded with; share of the capital.
NO_CASH = 1e-12
# Rounds of scaling purchases down to the cash there is; lots and minimum fees settle in a few.
_SCALINGS = 30


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
    shares
        Raw shares traded, sales negative.
    value
        Yuan traded, never negative.
    costs
        Yuan by part, [COST_PARTS, orders].
    price
        Raw yuan per share, NaN where nothing was traded.
    """

    adjustment: int
    names: IntArray
    weight_before: FloatArray
    target_weight: FloatArray
    filled_weight: FloatArray
    shortfalls: dict[str, FloatArray]
    remark: npt.NDArray[np.str_]
    shares: FloatArray
    value: FloatArray
    costs: FloatArray
    price: FloatArray

    @property
    def cost(self) -> FloatArray:
        """Yuan of all parts, [orders]."""
        return np.asarray(self.costs.sum(axis=0))


@dataclass(frozen=True)
class _ForcedSale:
    """Holdings sold without an order: why, which, at what raw prices and costs; [names] each."""

    reason: str
    names: IntArray
    price: FloatArray
    costs: FloatArray


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
    if not batches:
        return fills, []
    remaining = []
    for batch in batches:
        quotes = Quotes.of(market, session, batch.names)
        fills.append(_fill_batch(quotes, book, batch, policy))
        if policy.switches.retries:
            remaining.append(_still_open(quotes, book, batch, policy))
    return fills, [batch for batch in remaining if batch.names.size]


def _forced_sales(
    market: MarketData, session: int, book: Book, policy: ExecutionPolicy
) -> list[_ForcedSale]:
    """Holdings that leave the exchange, and suspended ones where the policy sells them."""
    held = book.held()
    listed = market.is_listed[session].take(held)
    sales = []
    if not listed.all():
        gone = held[~listed]
        price = market.raw_close(session - 1, gone)
        if policy.switches.terminal_value:
            known = market.terminal_value[gone]
            price = np.where(np.isfinite(known), known, price)
        sales.append(_ForcedSale("delisted", gone, price, np.zeros((len(COST_PARTS), gone.size))))
    if policy.sells_suspended:
        stopped = held[listed & ~market.is_tradable[session].take(held)]
        if stopped.size:
            last = _last_traded(market, session, stopped)
            # Holdings have followed the factor since then; the price has to as well.
            price = market.adj_vwap[last, stopped] / market.adj_factor[session, stopped]
            shares = book.shares[stopped]
            quotes = Quotes.of(market, session, stopped)
            costs = policy.costs.charge(quotes, -shares, shares * price)
            sales.append(_ForcedSale("forced_sale", stopped, price, costs))
    return sales


def _still_open(
    quotes: Quotes, book: Book, batch: OrderBatch, policy: ExecutionPolicy
) -> OrderBatch:
    """Orders worth another try: of some weight, and of at least a lot."""
    outstanding = batch.outstanding(book)
    worth = np.abs(batch.basis.weight(outstanding, batch.names)) > SMALLEST_RETRY_WEIGHT
    if policy.lots is not None:
        worth &= policy.lots.allowed(quotes, book, outstanding) != 0.0
    return batch.subset(worth)


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
    return fills, [batch for batch in remaining if batch.names.size]


def _sell_out(
    book: Book, sale: _ForcedSale, units: Basis, position: IntArray, target: FloatArray
) -> Fills:
    """Sell all of some names of a forced sale; `target` is what their orders wanted."""
    names = sale.names[position]
    shares, costs = book.shares[names], sale.costs[:, position]
    value = shares * sale.price[position]
    book.cash += float(value.sum() - costs.sum())
    book.shares[names] = 0.0
    return Fills(
        adjustment=units.adjustment,
        names=names,
        weight_before=units.weight(shares, names),
        target_weight=target,
        filled_weight=np.zeros(names.size),
        shortfalls={sale.reason: target} if target.any() else {},
        remark=np.full(names.size, sale.reason),
        shares=-shares,
        value=value,
        costs=costs,
        price=sale.price[position],
    )


def _fill_batch(quotes: Quotes, book: Book, batch: OrderBatch, policy: ExecutionPolicy) -> Fills:
    """Fill what can be filled of a batch at the session's VWAP."""
    names, basis = batch.names, batch.basis
    before = book.shares[names]
    requested = batch.target_shares - before
    allowed, cuts = _limited(quotes, book, requested, policy)
    allowed, value, costs = _paid(quotes, book, allowed, cuts, policy)
    # A complete fill lands on the target itself, so that a sold name is held no more.
    after = np.where(allowed == requested, batch.target_shares, before + allowed)
    book.shares[names] = after
    gained = np.flatnonzero(allowed > 0.0)
    if gained.size and policy.switches.t_plus_1:
        _note_purchase(quotes, book, names[gained], allowed[gained])
    return Fills(
        adjustment=basis.adjustment,
        names=names,
        weight_before=basis.weight(before, names),
        target_weight=batch.target_weight,
        filled_weight=basis.weight(after, names),
        shortfalls={reason: basis.weight(cut, names) for reason, cut in cuts.items()},
        remark=np.where(
            batch.is_frozen, "frozen", np.where(requested == 0.0, "unchanged", "filled")
        ),
        shares=allowed,
        value=value,
        costs=costs,
        price=np.where(allowed != 0.0, quotes.vwap, np.nan),
    )


def _note_purchase(quotes: Quotes, book: Book, names: IntArray, shares: FloatArray) -> None:
    """Remember a purchase as long as settlement may ask for it."""
    longest = np.nanmax(quotes.rules.wait, initial=0.0)
    recent = [each for each in book.purchases if quotes.session - each.session < longest]
    book.purchases = [*recent, Purchase(quotes.session, names, shares)]


def _limited(
    quotes: Quotes, book: Book, requested: FloatArray, policy: ExecutionPolicy
) -> tuple[FloatArray, dict[str, FloatArray]]:
    """Shares the limits allow, and what each limit in turn took away."""
    allowed, cuts = requested, {}
    for limit in policy.fill_limits:
        reduced = limit.allowed(quotes, book, allowed)
        if reduced is allowed:
            continue
        cut = allowed - reduced
        if np.count_nonzero(cut):
            cuts[limit.reason] = cut
        allowed = reduced
    return allowed, cuts


def _paid(
    quotes: Quotes,
    book: Book,
    allowed: FloatArray,
    cuts: dict[str, FloatArray],
    policy: ExecutionPolicy,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Settle sales, then purchases as far as cash goes; shares, yuan traded and costs.

    Purchases are scaled down alike, in lots, until they and their costs are paid for; with the cash
    they would all have been done, so the whole cut is for lack of cash.
    """
    price = np.where(allowed != 0.0, quotes.vwap, 0.0)
    value = np.abs(allowed) * price
    costs = policy.costs.charge(quotes, allowed, value)
    is_sale, is_purchase = allowed < 0.0, allowed > 0.0
    book.cash += float((value - costs.sum(axis=0)) @ is_sale)
    if not np.count_nonzero(is_purchase):
        return allowed, value, costs
    wanted, share = allowed, 1.0
    available = book.cash if book.cash > NO_CASH * book.capital else 0.0
    for attempt in range(_SCALINGS + 1):
        needed = float((value + costs.sum(axis=0)) @ is_purchase)
        if needed <= available + NO_CASH * book.capital:
            break
        share *= available / needed if attempt < _SCALINGS else 0.0
        allowed = _scaled(quotes, book, wanted, share, cuts, policy)
        value = np.abs(allowed) * price
        costs = policy.costs.charge(quotes, allowed, value)
    book.cash -= float((value + costs.sum(axis=0)) @ is_purchase)
    if abs(book.cash) < NO_CASH * book.capital:
        book.cash = max(book.cash, 0.0)
    return allowed, value, costs


def _scaled(
    quotes: Quotes,
    book: Book,
    wanted: FloatArray,
    share: float,
    cuts: dict[str, FloatArray],
    policy: ExecutionPolicy,
) -> FloatArray:
    """Purchases scaled by a share, in lots; the whole cut is for lack of cash."""
    scaled = np.where(wanted > 0.0, wanted * share, wanted)
    if policy.lots is not None:
        lots = policy.lots.allowed(quotes, book, scaled)
        scaled = np.where(wanted > 0.0, lots, wanted)
    cuts["cash"] = wanted - scaled
    return scaled
