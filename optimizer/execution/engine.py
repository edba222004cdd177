"""One session of trading: corporate actions, forced liquidations, then open orders.

Holdings are raw shares, money is yuan. Sales come before purchases; purchases share what cash there
is in proportion. For every order, target minus filled weight is the sum of the shortfalls of its
reasons.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from optimizer.arrays import BoolArray, FloatArray, IntArray
from optimizer.errors import InputError
from optimizer.execution.book import Basis, Book, OrderBatch, Purchase
from optimizer.execution.policy import SMALLEST_RETRY_WEIGHT, ExecutionPolicy
from optimizer.execution.quotes import Quotes
from optimizer.inputs import MarketData
from optimizer.obstacles import NO_TRADE, NOT_LISTED
from optimizer.trading_kernels import COST_PARTS, settle

# What rounding leaves of cash that was spent to the last is not traded with; share of the capital.
NO_CASH = 1e-12
# In the place of smallest purchases and steps where fractions of a share trade.
_FRACTIONS = (np.empty(0), np.empty(0))


class Fills(NamedTuple):
    """What happened to some orders on one session; [orders] each, in raw shares and yuan.

    Attributes
    ----------
    adjustment
        Session of the rebalance the orders belong to.
    unit_price, unit_nav
        Close and net asset value of its decision: a weight is shares times price over value.
    before, requested, after
        Shares held before the session's trading, asked for (sales negative), held after it.
    target_weight
        What is wanted in the end.
    cuts
        Reason to the part of target minus filled it explains, shares (negative for unsold ones).
    is_frozen
        Holdings that could not be sold at the decision (no order).
    liquidation
        Why the holdings were sold without an order; None for fills of orders.
    traded
        Shares, sales negative.
    value
        Yuan traded, never negative.
    costs
        Yuan by part, [COST_PARTS, orders].
    price
        Of the fill, raw yuan per share; meaningless where nothing was traded.
    """

    adjustment: int
    names: IntArray
    unit_price: FloatArray
    unit_nav: float
    before: FloatArray
    requested: FloatArray
    after: FloatArray
    target_weight: FloatArray
    cuts: dict[str, FloatArray]
    is_frozen: BoolArray
    traded: FloatArray
    value: FloatArray
    costs: FloatArray
    price: FloatArray
    liquidation: str | None = None


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
        before = book.shares.take(batch.names)
        requested = batch.target_shares - before
        quotes = Quotes.of(market, session, batch.names, requested > 0.0)
        fill = _fill_batch(quotes, book, batch, before, requested, policy)
        fills.append(fill)
        if policy.switches.retries:
            remaining.append(_still_open(quotes, book, batch, fill, policy))
    return fills, [batch for batch in remaining if batch.names.size]


def _forced_sales(
    market: MarketData, session: int, book: Book, policy: ExecutionPolicy
) -> list[_ForcedSale]:
    """Holdings that leave the exchange, and suspended ones where the policy sells them."""
    held = book.held()
    obstacles = market.obstacles[session].take(held)
    met = int(np.bitwise_or.reduce(obstacles))
    sales = []
    if met & NOT_LISTED:
        gone = held[(obstacles & NOT_LISTED) > 0]
        price = market.raw_close(session - 1, gone)
        if policy.switches.terminal_value:
            known = market.terminal_value[gone]
            price = np.where(np.isfinite(known), known, price)
        sales.append(_ForcedSale("delisted", gone, price, np.zeros((len(COST_PARTS), gone.size))))
    if policy.sells_suspended and met & NO_TRADE:
        stopped = held[(obstacles & (NO_TRADE | NOT_LISTED)) == NO_TRADE]
        if stopped.size:
            sales.append(_sale_of_suspended(market, session, book, stopped, policy))
    return sales


def _sale_of_suspended(
    market: MarketData, session: int, book: Book, names: IntArray, policy: ExecutionPolicy
) -> _ForcedSale:
    last = _last_traded(market, session, names)
    # Holdings have followed the factor since then; the price has to as well.
    price = market.adj_vwap[last, names] / market.adj_factor[session, names]
    quotes = Quotes.of(market, session, names, np.zeros(names.size, dtype=np.bool_))
    tariff = policy.costs.tariff(quotes, price)
    return _ForcedSale("forced_sale", names, price, tariff.charge(book.shares[names] * price))


def _still_open(
    quotes: Quotes, book: Book, batch: OrderBatch, fill: Fills, policy: ExecutionPolicy
) -> OrderBatch:
    """Orders worth another try: of some weight, and of at least a lot."""
    outstanding = batch.target_shares - fill.after
    weight = np.abs(outstanding) * fill.unit_price / fill.unit_nav
    worth = weight > SMALLEST_RETRY_WEIGHT
    if policy.lots is not None:
        worth &= policy.lots.can_trade(quotes, book, outstanding)
    (chosen,) = worth.nonzero()
    return batch if chosen.size == worth.size else batch.subset(chosen)


def carried_exits(batches: Sequence[OrderBatch], frozen: IntArray) -> list[OrderBatch]:
    """Forced exits that outlive an adjustment: their names are frozen at the new decision."""
    kept = [
        batch.subset(np.flatnonzero(batch.is_exit & np.isin(batch.names, frozen)))
        for batch in batches
    ]
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
    fills: list[Fills] = []
    remaining: list[OrderBatch] = []
    for batch in batches:
        hit = np.isin(batch.names, sale.names)
        if not hit.any():
            remaining.append(batch)
            continue
        ended = batch.subset(np.flatnonzero(hit))
        position = np.searchsorted(sale.names, ended.names)
        pending[position] = False
        fills.append(_sell_out(book, sale, position, ended))
        remaining.append(batch.subset(np.flatnonzero(~hit)))
    rest = np.flatnonzero(pending)
    if rest.size:
        fills.append(_sell_out(book, sale, rest, OrderBatch.of_nothing(basis, sale.names[rest])))
    return fills, [batch for batch in remaining if batch.names.size]


def _sell_out(book: Book, sale: _ForcedSale, position: IntArray, ended: OrderBatch) -> Fills:
    """Sell all of some names of a forced sale, which ends their orders."""
    shares, costs = book.shares[ended.names], sale.costs[:, position]
    price = sale.price[position]
    value = shares * price
    book.cash += float(value.sum() - costs.sum())
    book.hold(ended.names, np.zeros(shares.size))
    return Fills(
        adjustment=ended.basis.adjustment,
        names=ended.names,
        unit_price=ended.basis.price[ended.names],
        unit_nav=ended.basis.nav,
        before=shares,
        requested=-shares,
        after=np.zeros(shares.size),
        target_weight=ended.target_weight,
        cuts={sale.reason: ended.target_shares} if ended.target_weight.any() else {},
        is_frozen=ended.is_frozen,
        traded=-shares,
        value=value,
        costs=costs,
        price=price,
        liquidation=sale.reason,
    )


def _fill_batch(
    quotes: Quotes,
    book: Book,
    batch: OrderBatch,
    before: FloatArray,
    requested: FloatArray,
    policy: ExecutionPolicy,
) -> Fills:
    """Fill what can be filled of a batch at the session's VWAP."""
    names, basis = batch.names, batch.basis
    allowed, cuts = _limited(quotes, book, requested, policy)
    allowed, value, costs = _paid(quotes, book, allowed, cuts, policy)
    # A complete fill lands on the target itself, so that a sold name is held no more.
    after = np.where(allowed == requested, batch.target_shares, before + allowed)
    book.hold(names, after)
    if policy.switches.t_plus_1:
        _note_purchase(quotes, book, allowed)
    return Fills(
        adjustment=basis.adjustment,
        names=names,
        unit_price=basis.price.take(names),
        unit_nav=basis.nav,
        before=before,
        requested=requested,
        after=after,
        target_weight=batch.target_weight,
        cuts=cuts,
        is_frozen=batch.is_frozen,
        traded=allowed,
        value=value,
        costs=costs,
        price=quotes.vwap,
    )


def _note_purchase(quotes: Quotes, book: Book, allowed: FloatArray) -> None:
    """Let the book remember what was bought, where any later session may still ask for it."""
    longest = quotes.market.rulebook.longest_wait
    if longest > 1:
        bought = np.flatnonzero(allowed > 0.0)
        book.note_purchase(Purchase(quotes.session, quotes.names[bought], allowed[bought]), longest)


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
    wanted: FloatArray,
    cuts: dict[str, FloatArray],
    policy: ExecutionPolicy,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Settle sales, then purchases as far as cash goes; shares, yuan traded and costs.

    With the cash all purchases would have been done, so the whole cut is for lack of cash.
    """
    price = quotes.vwap
    tariff = policy.costs.tariff(quotes, price)
    allowed, value, costs, book.cash, is_cut = settle(
        wanted,
        price,
        quotes.is_purchase,
        *(quotes.units if policy.lots is not None else _FRACTIONS),
        tariff.on_value,
        tariff.least_commission_cny,
        tariff.impact_of_usual,
        tariff.usual_amount,
        book.cash,
        NO_CASH * book.capital,
    )
    if is_cut:
        cuts["cash"] = wanted - allowed
    return allowed, value, costs
