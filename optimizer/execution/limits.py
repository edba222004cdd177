"""What keeps an order from being filled, each limit with its own reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from optimizer.arrays import BoolArray, FloatArray
from optimizer.errors import InputError
from optimizer.execution.book import Book
from optimizer.execution.quotes import Quotes


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
class Delisted:
    """No order is filled where there is no listing."""

    reason: str = "delisted"

    def allowed(self, quotes: Quotes, book: Book, requested: FloatArray) -> FloatArray:
        """Nothing for names without a bar."""
        return _without(requested, ~quotes.is_listed)


@dataclass(frozen=True)
class Suspended:
    """No order is filled on a session without trade."""

    reason: str = "suspended"

    def allowed(self, quotes: Quotes, book: Book, requested: FloatArray) -> FloatArray:
        """Nothing for suspended names."""
        return _without(requested, ~quotes.is_tradable)


@dataclass(frozen=True)
class OnePriceDay:
    """No purchase on a session locked at the upper limit, no sale on one locked at the lower."""

    reason: str = "one_price_day"

    def allowed(self, quotes: Quotes, book: Book, requested: FloatArray) -> FloatArray:
        """Sales only for names locked up, purchases only for names locked down."""
        up = quotes.market.one_price_up[quotes.session].take(quotes.names)
        down = quotes.market.one_price_down[quotes.session].take(quotes.names)
        return _without(requested, (up & (requested > 0.0)) | (down & (requested < 0.0)))


@dataclass(frozen=True)
class FillAtLimitUp:
    """No purchase where the price of the fill is the upper limit: sellers were rationed."""

    reason: str = "limit_up"

    def allowed(self, quotes: Quotes, book: Book, requested: FloatArray) -> FloatArray:
        """Sales only for such names."""
        at_limit = quotes.market.vwap_at_up[quotes.session].take(quotes.names)
        return _without(requested, at_limit & (requested > 0.0))


@dataclass(frozen=True)
class FillAtLimitDown:
    """No sale where the price of the fill is the lower limit: buyers were rationed."""

    reason: str = "limit_down"

    def allowed(self, quotes: Quotes, book: Book, requested: FloatArray) -> FloatArray:
        """Purchases only for such names."""
        at_limit = quotes.market.vwap_at_down[quotes.session].take(quotes.names)
        return _without(requested, at_limit & (requested < 0.0))


@dataclass(frozen=True)
class Unsettled:
    """No sale of shares before the rulebook lets them go (T+1)."""

    reason: str = "t_plus_1"

    def allowed(self, quotes: Quotes, book: Book, requested: FloatArray) -> FloatArray:
        """Sales of what was bought early enough."""
        wait = quotes.rules.sessions_before_sale(quotes.board)
        bought = book.bought_since(quotes.session, quotes.names, wait)
        if not bought.any():
            return requested
        settled = book.shares[quotes.names] - bought
        return np.maximum(requested, -np.maximum(settled, 0.0))


@dataclass(frozen=True)
class VolumeCap:
    """No more than a share of what everybody trades in the session."""

    reason: str = "volume_cap"

    def allowed(self, quotes: Quotes, book: Book, requested: FloatArray) -> FloatArray:
        """Purchases and sales within the cap of rules.market_friction."""
        cap = quotes.rules.friction("volume_cap_share") * quotes.volume
        within = (np.abs(requested) <= cap) | (requested == 0.0)
        if np.count_nonzero(within) == within.size:
            return requested
        unknown = np.isnan(cap) & ~within
        if unknown.any():
            name = quotes.market.symbols[quotes.names[int(np.argmax(unknown))]]
            raise InputError(
                f"core.fct_bar_daily.volume_shares is unknown for {name} on"
                f" {quotes.market.sessions[quotes.session]}, where an order is to be filled: supply"
                " it, or turn the switch volume_cap of the scenario off"
            )
        return np.where(within, requested, np.copysign(cap, requested))


@dataclass(frozen=True)
class RoundLots:
    """Purchases in lots of the board; sales too, but a holding may be sold whole."""

    reason: str = "lot"

    def allowed(self, quotes: Quotes, book: Book, requested: FloatArray) -> FloatArray:
        """Largest admissible number of shares."""
        size = np.abs(requested)
        is_whole = (requested < 0.0) & (size >= book.shares.take(quotes.names))
        lots = quotes.rules.whole_lots(quotes.smallest_buy, quotes.buy_step, size)
        return np.where(is_whole, requested, np.copysign(lots, requested))


def _without(requested: FloatArray, refused: BoolArray) -> FloatArray:
    """Requested shares less those refused."""
    if not np.count_nonzero(refused):
        return requested
    return np.where(refused, 0.0, requested)
