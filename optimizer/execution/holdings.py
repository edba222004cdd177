"""What holdings are worth after the close, and what happens to them over night."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from optimizer.arrays import FloatArray, IntArray
from optimizer.execution.book import Basis, Book, OrderBatch
from optimizer.execution.policy import ExecutionPolicy
from optimizer.inputs import MarketData


class ValuedBook(NamedTuple):
    """Holdings after a close, [names] each; prices and nav in yuan, cash is part of the nav."""

    names: IntArray
    shares: FloatArray
    price: FloatArray
    nav: float


def value_book(market: MarketData, session: int, book: Book) -> ValuedBook:
    """Value every holding at its raw close, carried over suspensions."""
    names = book.held()
    shares, price = book.shares.take(names), market.raw_close(session, names)
    return ValuedBook(names, shares, price, book.cash + float(shares @ price))


def raw_close_of_all(market: MarketData, session: int) -> FloatArray:
    """Raw close of every name, [N]; NaN outside the listing."""
    return np.asarray(market.adj_close[session] / market.adj_factor[session])


def pass_night(
    market: MarketData,
    session: int,
    book: Book,
    batches: Sequence[OrderBatch],
    basis: Basis,
    policy: ExecutionPolicy,
) -> float:
    """Apply the corporate actions before a session to holdings and open orders.

    Dividends in cash are booked on the ex-date, before tax. Under lots a fraction of a share is
    paid out at the last close; what an order wanted of it is then short of a lot.

    Returns
    -------
    float
        Yuan paid out.
    """
    actions = market.corporate_actions.on(session)
    if actions is None:
        return 0.0
    in_cash = policy.switches.dividends == "cash"
    names = actions.names
    ratio = actions.share_ratio if in_cash else actions.factor_ratio
    paid = 0.0
    before = book.shares.take(names)
    if np.count_nonzero(before):
        after = before * ratio
        whole = _whole(after) if policy.switches.lots else after
        paid = float(before @ actions.cash_per_share) if in_cash else 0.0
        fraction = after - whole
        if np.count_nonzero(fraction):
            price = market.adj_close[session - 1, names] / market.adj_factor[session, names]
            paid += float(np.where(fraction > 0.0, fraction * price, 0.0).sum())
        book.hold(names, whole)
        book.cash += paid
    _rescale(names, ratio, book, batches, basis)
    return paid


def _rescale(
    names: IntArray,
    ratio: FloatArray,
    book: Book,
    batches: Sequence[OrderBatch],
    basis: Basis,
) -> None:
    """What orders want and what settlement remembers, in shares after the actions."""
    of_all = np.ones(book.shares.size)
    of_all[names] = ratio
    for purchase in book.purchases:
        purchase.shares = purchase.shares * of_all[purchase.names]
    for units in {id(each): each for each in (basis, *(b.basis for b in batches))}.values():
        units.price[names] /= ratio
    for batch in batches:
        batch.target_shares[:] *= of_all[batch.names]


def _whole(shares: FloatArray) -> FloatArray:
    """Whole shares; a hundredth of a millionth short of one is one."""
    return np.floor(shares + 1e-8)
