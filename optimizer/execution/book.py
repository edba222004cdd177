"""What is held, and the orders that are still open."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

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
        [N], raw shares; changed by `hold` alone.
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
    _held: IntArray | None = field(default=None, repr=False)

    @classmethod
    def of_cash(cls, names: int, capital: float) -> Book:
        """The capital, all in cash."""
        return cls(np.zeros(names), capital, capital)

    def held(self) -> IntArray:
        """Positions of the names held."""
        if self._held is None:
            (self._held,) = self.shares.nonzero()
        return self._held

    def hold(self, names: IntArray, shares: FloatArray) -> None:
        """Hold so many shares of some names from now on, [names] each."""
        self.shares[names] = shares
        self._held = None

    def note_purchase(self, purchase: Purchase, longest_wait: int) -> None:
        """Remember a purchase as long as settlement may ask for it, in sessions."""
        recent = [p for p in self.purchases if purchase.session - p.session < longest_wait]
        self.purchases = [*recent, purchase]

    def bought_since(self, session: int, names: IntArray, wait: IntArray) -> FloatArray | None:
        """Shares of each name bought less than `wait` sessions before a session, [names].

        None where there is no such purchase of any name.
        """
        longest = int(wait.max(initial=0))
        recent = [purchase for purchase in self.purchases if session - purchase.session < longest]
        if not recent:
            return None
        bought = np.zeros(names.size)
        for purchase in recent:
            shares = np.zeros_like(self.shares)
            shares[purchase.names] = purchase.shares
            bought += np.where(session - purchase.session < wait, shares[names], 0.0)
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

    def shares(self, weight: FloatArray, names: IntArray) -> FloatArray:
        """Shares that have these weights, [orders]."""
        return np.asarray(weight * self.nav / self.price[names])


class OrderBatch(NamedTuple):
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

    @classmethod
    def of_nothing(cls, basis: Basis, names: IntArray) -> OrderBatch:
        """Holdings that no order asks for, in the units of a rebalance: their target is none."""
        none, no = np.zeros(names.size), np.zeros(names.size, dtype=np.bool_)
        return cls(basis, names, none, none, no, no)

    def subset(self, chosen: IntArray) -> OrderBatch:
        """The orders at some positions."""
        return OrderBatch(
            self.basis,
            self.names[chosen],
            self.target_weight[chosen],
            self.target_shares[chosen],
            self.is_exit[chosen],
            self.is_frozen[chosen],
        )
