"""What is held, and the orders that are still open."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from optimizer.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True)
class Purchase:
    """Quantities of some names bought on a session, [names]."""

    session: int
    names: IntArray
    quantity: FloatArray


@dataclass
class Book:
    """Holdings of one back-test; the only thing that changes from session to session.

    Attributes
    ----------
    quantity
        [N], adjusted shares per unit of initial capital.
    cash
        In units of initial capital.
    purchases
        In order of session.
    """

    quantity: FloatArray
    cash: float
    purchases: list[Purchase] = field(default_factory=list)

    @classmethod
    def of_cash(cls, names: int) -> Book:
        """One unit of capital, all in cash."""
        return cls(np.zeros(names), 1.0)

    def held(self) -> IntArray:
        """Positions of the names held."""
        return np.flatnonzero(self.quantity)

    def bought_since(self, session: int, names: IntArray, wait: IntArray) -> FloatArray:
        """Quantity of each name bought less than `wait` sessions before a session, [names]."""
        bought = np.zeros(names.size)
        longest = int(wait.max(initial=0))
        for purchase in reversed(self.purchases):
            age = session - purchase.session
            if age >= longest:
                break
            recent = np.zeros_like(self.quantity)
            recent[purchase.names] = purchase.quantity
            bought += np.where(age < wait, recent[names], 0.0)
        return bought

    def value(self, price: FloatArray) -> float:
        """Net asset value at prices [N] of adjusted shares."""
        held = self.held()
        return self.cash + float(self.quantity[held] @ price[held])


@dataclass(frozen=True)
class Basis:
    """Units of the weights of one rebalance: the close and the value at its decision.

    A weight in orders, fills and reasons is a quantity times the decision's close over the
    decision's net asset value, so prices moving between decision and fill make no difference
    between target and filled.
    """

    adjustment: int
    price: FloatArray
    nav: float

    def weight(self, quantity: FloatArray, names: IntArray) -> FloatArray:
        """Weights of quantities of names, [orders]."""
        return np.asarray(quantity * self.price[names] / self.nav)

    def quantity(self, weight: FloatArray, names: IntArray) -> FloatArray:
        """Quantities that have these weights, [orders]."""
        return np.asarray(weight * self.nav / self.price[names])


@dataclass(frozen=True)
class OrderBatch:
    """Orders of one rebalance that are still open, [orders] each.

    Attributes
    ----------
    target_weight, target_quantity
        What is wanted in the end.
    is_exit, is_frozen
        Forced exits; holdings that could not be sold at the decision (no order).
    """

    basis: Basis
    names: IntArray
    target_weight: FloatArray
    target_quantity: FloatArray
    is_exit: BoolArray
    is_frozen: BoolArray

    def subset(self, chosen: BoolArray) -> OrderBatch:
        """The orders chosen, [orders]."""
        return OrderBatch(
            self.basis,
            self.names[chosen],
            self.target_weight[chosen],
            self.target_quantity[chosen],
            self.is_exit[chosen],
            self.is_frozen[chosen],
        )

    def outstanding(self, book: Book) -> FloatArray:
        """Quantities still to be traded, purchases positive."""
        return np.asarray(self.target_quantity - book.quantity[self.names])
