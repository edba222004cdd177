"""What to simulate: size, period, seed and strength of the planted premia."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType
from typing import Any, Literal

from market_data.simulator.calibration import Calibration

MarketSize = Literal["tiny", "demo", "paper"]

INDEX_SYMBOLS = ("000300.SH", "000905.SH", "000852.SH")
INDUSTRY_SCHEME = "SIM1"

CRISES = (
    (date(2008, 1, 14), date(2008, 11, 28)),
    (date(2015, 6, 15), date(2016, 2, 29)),
    (date(2020, 2, 3), date(2020, 3, 31)),
)


@dataclass(frozen=True)
class SimulationConfig:
    """One simulated market, completely described.

    Attributes
    ----------
    size
        Label of the preset the configuration started from.
    start_date, end_date
        First and last calendar day; sessions are those of the Shanghai exchange between them.
    stocks_at_start, stocks_at_end
        Names listed on the first session, and names ever listed by the last one; the difference
        goes public in between. The few that are delisted are not replaced.
    index_sizes
        Constituents of the large, mid and small index, in the order of `INDEX_SYMBOLS`.
    seed
        Root of every random stream.
    signal
        Scale of everything that makes one stock's expected return differ from another's: 1 is the
        calibrated market, 0 a market whose cross-section of expected returns is flat.
    interactions
        Expected returns depend on products of characteristics, to which each alone contributes
        nothing, in place of the calibrated sum of single ones: what no linear model can forecast.
    memory
        Expected returns depend on the last five weeks together, of which each alone says nothing,
        in place of the calibrated sum: what no model that sees one week can forecast.
    statement_years
        Years of financial statements before the first session.
    crises
        Periods of crisis volatility, first and last day each.
    calibration
        Every numerical constant of the return and trading processes.
    """

    size: str
    start_date: date
    end_date: date
    stocks_at_start: int
    stocks_at_end: int
    index_sizes: tuple[int, int, int]
    seed: int = 5
    signal: float = 1.0
    interactions: bool = False
    memory: bool = False
    statement_years: int = 6
    crises: tuple[tuple[date, date], ...] = CRISES
    calibration: Calibration = field(default_factory=Calibration)

    def __post_init__(self) -> None:
        if self.start_date >= self.end_date:
            raise ValueError(f"start_date {self.start_date} is not before {self.end_date}")
        if not 2 <= self.stocks_at_start <= self.stocks_at_end:
            raise ValueError(
                "expected 2 <= stocks_at_start <= stocks_at_end, found "
                f"{self.stocks_at_start} and {self.stocks_at_end}"
            )
        if not 0.0 <= self.signal <= 3.0:
            raise ValueError(f"signal must lie between 0 and 3, found {self.signal}")
        if self.interactions and self.memory:
            raise ValueError("interactions and memory exclude each other; found both")

    @property
    def additive_signal(self) -> float:
        """Scale of the premia of single characteristics: none where products are priced alone."""
        return 0.0 if self.interactions or self.memory else self.signal

    @property
    def price_discovery(self) -> float:
        """Share of a value change beyond a price limit that later sessions make up for.

        A price that catches up with a limit is an expected return, so it fades with the signal:
        at 0 the part of a shock that the limit cuts off is gone for good.
        """
        return min(self.signal, 1.0)

    @classmethod
    def for_size(cls, size: MarketSize, **overrides: Any) -> SimulationConfig:
        """Return the preset of a size, with single fields replaced.

        Parameters
        ----------
        size
            `tiny` for tests, `demo` for the demonstration, `paper` for the full market.
        **overrides
            Any field of the class.

        Raises
        ------
        ValueError
            For an unknown size or fields that contradict each other.
        TypeError
            For an unknown field.
        """
        if size not in _PRESETS:
            raise ValueError(f"unknown size {size!r}; expected one of {', '.join(_PRESETS)}")
        return replace(_PRESETS[size], **overrides)


_PRESETS = MappingProxyType(
    {
        # Burn-in of 525 sessions to 2019-08, training to the end of 2020, windows 2021H1, 2021H2.
        "tiny": SimulationConfig(
            size="tiny",
            start_date=date(2017, 6, 12),
            end_date=date(2022, 1, 14),
            stocks_at_start=120,
            stocks_at_end=160,
            index_sizes=(24, 36, 48),
        ),
        # Burn-in to 2015-12, training 2016 and 2017, windows 2018H1 to 2019H2.
        "demo": SimulationConfig(
            size="demo",
            start_date=date(2013, 10, 8),
            end_date=date(2020, 1, 10),
            stocks_at_start=600,
            stocks_at_end=820,
            index_sizes=(100, 150, 250),
        ),
        "paper": SimulationConfig(
            size="paper",
            start_date=date(2007, 12, 3),
            end_date=date(2024, 10, 31),
            stocks_at_start=1500,
            stocks_at_end=5000,
            index_sizes=(300, 500, 1000),
        ),
    }
)
