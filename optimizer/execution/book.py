"""What is held, and the orders that are still open."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from optimizer.arrays import BoolArray, FloatArray, IntArray


@dataclass
class Purchase:
    """Shares of some names bought on a session, [names]."""

    session: int
    names: IntArray
    shares: FloatArray


@dataclass
class Book:
    """Holdings of one back-test; the only thing that changes from session to session.

    Attributes
    ----------
    shares
        [N], raw shares.
    cash
        Yuan.
    capital
        Yuan at the start; the unit of money in the tables.
    purchases
        In order of session, as far back as settlement may ask for.
    """

    shares: FloatArray
    cash: float
    capital: float
    purchases: list[Purchase] = field(default_factory=list)

    @classmethod
    def of_cash(cls, names: int, capital: float) -> Book:
        """The capital, all in cash."""
        return cls(np.zeros(names), capital, capital)

    def held(self) -> IntArray:
        """Positions of the names held."""
        return np.flatnonzero(self.shares)

    def bought_since(self, session: int, names: IntArray, wait: IntArray) -> FloatArray:
        """Shares of each name bought less than `wait` sessions before a session, [names]."""
        bought = np.zeros(names.size)
        longest = int(wait.max(initial=0))
        for purchase in reversed(self.purchases):
            age = session - purchase.session
            if age >= longest:
                break
            recent = np.zeros_like(self.shares)
            recent[purchase.names] = purchase.shares
            bought += np.where(age < wait, recent[names], 0.0)
        return bought


@dataclass(frozen=True)
class Basis:
    """Units of the weights of one rebalance: the close and the value at its decision.

    A weight in orders, fills and reasons is shares times the decision's close over the decision's
    net asset value, so prices moving between decision and fill make no difference between target
    and filled. Bonus shares divide `price` [N] (raw yuan, changed in place), so that they make
    none either. `nav` is yuan.
    """

    adjustment: int
    price: FloatArray
    nav: float

    def weight(self, shares: FloatArray, names: IntArray) -> FloatArray:
        """Weights of shares of names, [orders]."""
        return np.asarray(shares * self.price[names] / self.nav)

    def shares(self, weight: FloatArray, names: IntArray) -> FloatArray:
        """Shares that have these weights, [orders]."""
        return np.asarray(weight * self.nav / self.price[names])


@dataclass(frozen=True)
class OrderBatch:
    """Orders of one rebalance that are still open, [orders] each.

    Attributes
    ----------
    target_weight, target_shares
        What is wanted in the end; the shares are raw, fractions included, and follow bonus shares
        in place.
    is_exit, is_frozen
        Forced exits; holdings that could not be sold at the decision (no order).
    """

    basis: Basis
    names: IntArray
    target_weight: FloatArray
    target_shares: FloatArray
    is_exit: BoolArray
    is_frozen: BoolArray

    def subset(self, chosen: BoolArray) -> OrderBatch:
        """The orders chosen, [orders]."""
        return OrderBatch(
            self.basis,
            self.names[chosen],
            self.target_weight[chosen],
            self.target_shares[chosen],
            self.is_exit[chosen],
            self.is_frozen[chosen],
        )

    def outstanding(self, book: Book) -> FloatArray:
        """Shares still to be traded, purchases positive."""
        return np.asarray(self.target_shares - book.shares[self.names])
