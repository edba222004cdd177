"""What keeps an order from being filled, each limit with its own reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from optimizer.arrays import BoolArray, FloatArray
from optimizer.errors import InputError
from optimizer.execution.book import Book
from optimizer.execution.quotes import Quotes
from optimizer.obstacles import (
    LOCKED_DOWN,
    LOCKED_UP,
    NO_TRADE,
    NOT_LISTED,
    VWAP_AT_DOWN,
    VWAP_AT_UP,
)
from optimizer.trading_kernels import tradable_lots, within_volume


class FillLimit(Protocol):
    """Something that keeps an order from being filled, with its reason."""

    @property
    def reason(self) -> str:
        """Word stored in `fct_fill_reason`."""
        ...

    def allowed(self, quotes: Quotes, book: Book, requested: FloatArray) -> FloatArray:
        """What may be filled of the requested shares (purchases positive), [orders].

        The very array it was given, where nothing is refused.
        """
        ...


@dataclass(frozen=True)
class Refusal:
    """An order is not filled at all where one of these obstacles is in its way."""

    reason: str
    obstacles: int

    def allowed(self, quotes: Quotes, book: Book, requested: FloatArray) -> FloatArray:
        """Nothing for the orders that meet an obstacle."""
        if not quotes.met & self.obstacles:
            return requested
        refused = (quotes.obstacles & np.uint8(self.obstacles)) > 0
        return np.where(refused, 0.0, requested)


DELISTED = Refusal("delisted", NOT_LISTED)
SUSPENDED = Refusal("suspended", NO_TRADE)
ONE_PRICE_DAY = Refusal("one_price_day", LOCKED_UP | LOCKED_DOWN)
# Not locked, but the price of the fill is the limit: the other side was rationed.
FILL_AT_LIMIT_UP = Refusal("limit_up", VWAP_AT_UP)
FILL_AT_LIMIT_DOWN = Refusal("limit_down", VWAP_AT_DOWN)


@dataclass(frozen=True)
class Unsettled:
    """No sale of shares before the rulebook lets them go.

    A name is traded at most once a session, so one session of wait (T+1) is always over by the next
    order: the limit binds where rules.settlement_rule asks for more.
    """

    reason: str = "t_plus_1"

    def allowed(self, quotes: Quotes, book: Book, requested: FloatArray) -> FloatArray:
        """Sales of what was bought early enough."""
        if not book.purchases:
            return requested
        wait = quotes.rules.sessions_before_sale(quotes.board)
        bought = book.bought_since(quotes.session, quotes.names, wait)
        if bought is None:
            return requested
        settled = book.shares[quotes.names] - bought
        return np.maximum(requested, -np.maximum(settled, 0.0))


@dataclass(frozen=True)
class VolumeCap:
    """No more than a share of what everybody trades in the session."""

    reason: str = "volume_cap"

    def allowed(self, quotes: Quotes, book: Book, requested: FloatArray) -> FloatArray:
        """Purchases and sales within the cap of rules.market_friction."""
        share = quotes.rules.friction("volume_cap_share")
        allowed, unknown, is_cut = within_volume(requested, quotes.volume, share)
        if unknown >= 0:
            name = quotes.market.symbols[quotes.names[unknown]]
            raise InputError(
                f"core.fct_bar_daily.volume_shares is unknown for {name} on"
                f" {quotes.market.sessions[quotes.session]}, where an order is to be filled: supply"
                " it, or turn the switch volume_cap of the scenario off"
            )
        return np.asarray(allowed) if is_cut else requested


@dataclass(frozen=True)
class RoundLots:
    """Purchases in lots of the board; sales too, but a holding may be sold whole."""

    reason: str = "lot"

    def allowed(self, quotes: Quotes, book: Book, requested: FloatArray) -> FloatArray:
        """Largest admissible number of shares."""
        return np.asarray(tradable_lots(*quotes.units, requested, quotes.names, book.shares))

    def can_trade(self, quotes: Quotes, book: Book, requested: FloatArray) -> BoolArray:
        """Whether any of the requested shares may be traded, [orders]."""
        return np.asarray(self.allowed(quotes, book, requested) != 0.0)
