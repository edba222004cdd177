"""Faults of raw data and of the way they were asked for; a user can mend every one of them."""

from __future__ import annotations


class MarketDataError(Exception):
    """Base of all errors of this package. The message says where to mend the fault."""


class SourceError(MarketDataError):
    """A source specification that cannot be understood or that leads nowhere."""


class SourceNotAvailableError(SourceError):
    """A kind of source that is planned but has no reader yet."""


class MappingError(MarketDataError):
    """A column or table mapping that names something the contract does not know."""


class LandingRefusedError(MarketDataError):
    """Raw tables with errors; the message is the whole validation report."""
