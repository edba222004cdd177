"""What a back-test sees: the market, shared by all scenarios, and one model's signals.

Prices are adjusted and come with their factor, so that both the total return of a share and its
raw price can be read off; holdings are raw shares, and what dividends and bonus shares make of them
is in `corporate_actions`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from optimizer.arrays import BoolArray, DateArray, FloatArray, IntArray
from optimizer.bar_arrays import bar_arrays, dividends, terminal_values
from optimizer.baselines import NO_MODEL
from optimizer.columns import MARKET_TABLES, SIGNAL_TABLES, STYLES
from optimizer.corporate_actions import CorporateActions
from optimizer.errors import InputError
from optimizer.frames import Frame, positions, refuse_duplicates, take_frames
from optimizer.rulebook import BOARDS, EXCHANGES, Rulebook


@dataclass(frozen=True)
class MarketData:
    """Prices, flags, indices and styles as dense arrays; [T] sessions, [N] names, [W] weeks.

    Attributes
    ----------
    sessions, symbols, weeks
        Axes, ascending; sessions span the bars, weeks are the week_dates among them.
    next_session
        The session after the last one, NaT where the calendar does not show it: a decision may
        be taken for it, but nothing is known about it.
    adj_close, adj_vwap, adj_factor
        [T, N] yuan per adjusted share (and the factor); NaN outside the listing, `adj_vwap` also
        NaN on sessions without a trade.
    is_listed, is_tradable
        [T, N], whether there is an adjusted close (from the first trade to the last bar); whether
        the session is not suspended and has a VWAP.
    one_price_up, one_price_down
        [T, N], sessions locked at a price limit.
    vwap_at_up, vwap_at_down
        [T, N], sessions whose VWAP lies at a price limit (within half a tick), locked or not.
    volume_shares
        [T, N], raw shares traded; NaN where the bars do not say.
    corporate_actions
        Dividends, bonus shares and steps of the factor by session.
    terminal_value
        [N], raw yuan per share once the listing has ended; NaN where the last close stands in.
    index_close, index_total_return
        Index symbol to [T]; the total return only where the source gives it for every session.
    index_weights
        Index symbol to [W, N] sparse weights, each given week summing to one.
    index_coverage
        Index symbol to [W], the share of the given weight that lies on names with bars.
    board, exchange
        [N], positions in `optimizer.rulebook.BOARDS` and `EXCHANGES`.
    rulebook
        Fees, trading units and settlement by date.
    style_names, styles, has_styles
        Present styles, [W, styles, N] (missing exposures are 0) and [W], weeks with styles.
    """

    sessions: DateArray
    symbols: tuple[str, ...]
    weeks: DateArray
    next_session: np.datetime64
    adj_close: FloatArray
    adj_vwap: FloatArray
    adj_factor: FloatArray
    is_listed: BoolArray
    is_tradable: BoolArray
    one_price_up: BoolArray
    one_price_down: BoolArray
    vwap_at_up: BoolArray
    vwap_at_down: BoolArray
    volume_shares: npt.NDArray[np.float32]
    corporate_actions: CorporateActions
    terminal_value: FloatArray
    index_close: Mapping[str, FloatArray]
    index_total_return: Mapping[str, FloatArray]
    index_weights: Mapping[str, sparse.csr_matrix]
    index_coverage: Mapping[str, FloatArray]
    board: IntArray
    exchange: IntArray
    rulebook: Rulebook
    style_names: tuple[str, ...]
    styles: npt.NDArray[np.float32]
    has_styles: BoolArray

    @property
    def absent_style_bands(self) -> tuple[str, ...]:
        """Styles of the paper without exposures (no column, or 0 throughout), hence no bands."""
        return tuple(style for style in STYLES if style not in self.style_names)

    def session_date(self, session: int) -> np.datetime64:
        """Date of a session by its position; the next session has the position behind the last."""
        if session == self.sessions.size:
            return self.next_session
        return np.datetime64(self.sessions[session])

    @property
    def week_sessions(self) -> IntArray:
        """Position of every week_date among the sessions, [W]."""
        return np.searchsorted(self.sessions, self.weeks).astype(np.intp)

    def raw_close(self, session: int, names: IntArray) -> FloatArray:
        """Close in yuan per raw share, carried over suspensions; NaN outside the listing."""
        close = self.adj_close[session].take(names)
        return np.asarray(close / self.adj_factor[session].take(names))

    @classmethod
    def from_frames(cls, frames: Mapping[str, Any]) -> MarketData:
        """Build from warehouse tables (`optimizer.columns.MARKET_TABLES`).

        Parameters
        ----------
        frames
            Table name to pandas frame or Arrow table. Bars may be cut to the span of the
            back-tests; the other tables are cut to the span of the bars.

        Raises
        ------
        InputError
            If tables, columns or bars are missing, keys repeat, or prices are not positive.
        """
        taken = take_frames(frames, MARKET_TABLES)
        bars = taken["core.fct_bar_daily"]
        if not len(bars):
            raise InputError("core.fct_bar_daily has no rows: there is nothing to trade")
        symbols = tuple(bars.text("symbol"))
        sessions = _sessions(taken["core.dim_trade_date"], bars)
        weeks = np.unique(taken["core.dim_week"].dates("week_date"))
        weeks = weeks[positions(sessions, weeks) >= 0]
        closes, totals = _index_levels(taken["core.fct_index_daily"], sessions)
        weights, coverage = _index_weights(taken["core.fct_index_weight_week"], weeks, symbols)
        names, styles, has_styles = _styles(taken["risk.fct_style_exposure"], weeks, symbols)
        arrays = bar_arrays(bars, sessions, symbols)
        return cls(
            sessions=sessions,
            symbols=symbols,
            weeks=weeks,
            next_session=_next_session(taken["core.dim_trade_date"], sessions),
            **arrays,
            corporate_actions=CorporateActions.from_arrays(
                sessions,
                symbols,
                arrays["adj_close"],
                arrays["adj_factor"],
                dividends(frames),
            ),
            terminal_value=terminal_values(taken["core.dim_security"], symbols),
            index_close=closes,
            index_total_return=totals,
            index_weights=weights,
            index_coverage=coverage,
            board=_listing_codes(taken["core.dim_security"], symbols, "board", BOARDS),
            exchange=_listing_codes(taken["core.dim_security"], symbols, "exchange", EXCHANGES),
            rulebook=Rulebook.from_frames(frames),
            style_names=names,
            styles=styles,
            has_styles=has_styles,
        )


@dataclass(frozen=True)
class Signals:
    """One model's predictions and its rule set's universe, on the axes of a `MarketData`.

    Attributes
    ----------
    in_universe
        [W, N].
    industry_codes, industry
        Codes and [W, N] positions among them, -1 where unknown.
    prediction
        [W, N], NaN where there is none.
    has_universe, has_prediction
        [W], weeks for which there are any rows.
    """

    rule_set: str
    model: str
    in_universe: BoolArray
    industry_codes: tuple[str, ...]
    industry: npt.NDArray[np.int16]
    prediction: FloatArray
    has_universe: BoolArray
    has_prediction: BoolArray

    @classmethod
    def from_frames(
        cls,
        frames: Mapping[str, Any],
        *,
        market: MarketData,
        rule_set: str,
        model: str,
        universe_rule_set: str = "",
    ) -> Signals:
        """Build from warehouse tables (`optimizer.columns.SIGNAL_TABLES`).

        The universe is that of `universe_rule_set`, where the model forecasts another one's than
        that of its own rule set.

        Raises
        ------
        InputError
            If there are no rows for the rule set and model, a key repeats, or a name in the
            universe or with a prediction has no bars at all.
        """
        taken = take_frames(frames, SIGNAL_TABLES)
        universe = universe_rule_set or rule_set
        bare = cls.of_universe(frames, market=market, rule_set=universe)
        prediction = taken["results.fct_prediction"].where_equal("rule_set", rule_set)
        prediction = prediction.where_equal("model", model)
        if not len(prediction):
            raise InputError(
                f"{prediction.name} has no rows for {rule_set}, {model}: build it before trading"
            )
        values = np.full(bare.prediction.shape, np.nan)
        predicted = prediction.numbers("prediction")
        cells = _cells(prediction, market.weeks, market.symbols, must_know=np.isfinite(predicted))
        values[cells.week, cells.name] = predicted[cells.row]
        values[~np.isfinite(values)] = np.nan
        return replace(
            bare,
            rule_set=rule_set,
            model=model,
            prediction=values,
            has_prediction=np.isfinite(values).any(axis=1),
        )

    @classmethod
    def of_universe(
        cls, frames: Mapping[str, Any], *, market: MarketData, rule_set: str
    ) -> Signals:
        """The universe of a rule set alone: every member is forecast the same, 0.

        Raises
        ------
        InputError
            If there are no rows for the rule set, a key repeats, or a member has no bars at all.
        """
        table = "core.fct_universe_week"
        universe = take_frames(frames, {table: SIGNAL_TABLES[table]})[table]
        universe = universe.where_equal("rule_set", rule_set)
        if not len(universe):
            raise InputError(f"{table} has no rows for {rule_set}: build it before trading")
        shape = (market.weeks.size, len(market.symbols))
        codes = tuple(universe.text("industry_code"))
        in_universe = np.zeros(shape, dtype=np.bool_)
        industry = np.full(shape, -1, dtype=np.int16)
        member = universe.flags("in_universe")
        at = _cells(universe, market.weeks, market.symbols, must_know=member)
        in_universe[at.week, at.name] = member[at.row]
        industry[at.week, at.name] = universe.codes("industry_code", codes)[at.row]
        present = _present(at.week, shape[0])
        return cls(
            rule_set=rule_set,
            model=NO_MODEL,
            in_universe=in_universe,
            industry_codes=codes,
            industry=industry,
            prediction=np.where(in_universe, 0.0, np.nan),
            has_universe=present,
            has_prediction=present,
        )


@dataclass(frozen=True)
class _Cells:
    """Rows of a weekly frame that lie on the axes, and where."""

    row: IntArray
    week: IntArray
    name: IntArray


def _cells(
    frame: Frame, weeks: DateArray, symbols: tuple[str, ...], must_know: BoolArray | None = None
) -> _Cells:
    week = positions(weeks, frame.dates("week_date"))
    name = frame.codes("symbol", symbols)
    if must_know is not None:
        unknown = int(((week >= 0) & (name < 0) & must_know).sum())
        if unknown:
            raise InputError(
                f"{frame.name}: {unknown} rows are for symbols without bars in this span;"
                " core.fct_bar_daily must cover every name of the universe"
            )
    row = np.flatnonzero((week >= 0) & (name >= 0))
    refuse_duplicates(frame, week[row], name[row], len(symbols))
    return _Cells(row, week[row], name[row])


def _present(week: IntArray, count: int) -> BoolArray:
    return np.bincount(week, minlength=count).astype(np.bool_)


def _sessions(calendar: Frame, bars: Frame) -> DateArray:
    days = bars.dates("trade_date")
    sessions = np.unique(calendar.dates("trade_date"))
    sessions = sessions[(sessions >= days.min()) & (sessions <= days.max())]
    outside = int((positions(sessions, days) < 0).sum())
    if outside:
        raise InputError(f"core.fct_bar_daily: {outside} rows on days that are no trade date")
    return np.asarray(sessions)


def _next_session(calendar: Frame, sessions: DateArray) -> np.datetime64:
    later = calendar.dates("trade_date")
    later = later[later > sessions[-1]]
    return np.datetime64(later.min() if later.size else "NaT")


def _listing_codes(
    securities: Frame, symbols: tuple[str, ...], column: str, known: tuple[str, ...]
) -> IntArray:
    """Board or exchange of every symbol, as positions among the known ones."""
    name = securities.codes("symbol", symbols)
    row = np.flatnonzero(name >= 0)
    refuse_duplicates(securities, name[row], np.zeros_like(row), 1)
    codes = np.full(len(symbols), -1, dtype=np.intp)
    codes[name[row]] = securities.codes(column, known)[row]
    unknown = np.flatnonzero(codes < 0)
    if unknown.size:
        raise InputError(
            f"core.dim_security.{column} of {unknown.size} symbols with bars, for instance"
            f" {symbols[unknown[0]]}, is not one of {', '.join(known)}: the rules of their trades"
            " are unknown"
        )
    return codes


def _index_levels(
    frame: Frame, sessions: DateArray
) -> tuple[dict[str, FloatArray], dict[str, FloatArray]]:
    symbols = tuple(frame.text("index_symbol"))
    row = positions(sessions, frame.dates("trade_date"))
    code = frame.codes("index_symbol", symbols)
    known = np.flatnonzero(row >= 0)
    refuse_duplicates(frame, row[known], code[known], len(symbols))
    close = np.full((sessions.size, len(symbols)), np.nan)
    close[row[known], code[known]] = frame.numbers("close")[known]
    total = np.full_like(close, np.nan)
    if frame.has("total_return_close"):
        total[row[known], code[known]] = frame.numbers("total_return_close")[known]
    complete = np.asarray(np.isfinite(total).all(axis=0))
    return (
        {symbol: close[:, index] for index, symbol in enumerate(symbols)},
        {symbol: total[:, index] for index, symbol in enumerate(symbols) if complete[index]},
    )


def _index_weights(
    frame: Frame, weeks: DateArray, symbols: tuple[str, ...]
) -> tuple[dict[str, sparse.csr_matrix], dict[str, FloatArray]]:
    indices = tuple(frame.text("index_symbol"))
    code = frame.codes("index_symbol", indices)
    week = positions(weeks, frame.dates("week_date"))
    name = frame.codes("symbol", symbols)
    weight = np.nan_to_num(frame.numbers("weight"))
    weights: dict[str, sparse.csr_matrix] = {}
    coverage: dict[str, FloatArray] = {}
    for position, symbol in enumerate(indices):
        given = np.flatnonzero((code == position) & (week >= 0))
        total = np.bincount(week[given], weight[given], minlength=weeks.size)
        known = given[name[given] >= 0]
        refuse_duplicates(frame, week[known], name[known], len(symbols))
        sums = np.bincount(week[known], weight[known], minlength=weeks.size)
        usable = known[sums[week[known]] > 0]
        weights[symbol] = sparse.csr_matrix(
            (weight[usable] / sums[week[usable]], (week[usable], name[usable])),
            shape=(weeks.size, len(symbols)),
        )
        coverage[symbol] = np.divide(sums, total, out=np.zeros_like(total), where=total > 0)
    return weights, coverage


def _styles(
    frame: Frame, weeks: DateArray, symbols: tuple[str, ...]
) -> tuple[tuple[str, ...], npt.NDArray[np.float32], BoolArray]:
    # A style that the source cannot feed is stored as 0 throughout: a band on it would be a sham.
    names = tuple(
        style
        for style in STYLES
        if frame.has(style) and np.any(np.nan_to_num(frame.numbers(style)) != 0)
    )
    at = _cells(frame, weeks, symbols)
    dense = np.zeros((weeks.size, len(names), len(symbols)), dtype=np.float32)
    for index, name in enumerate(names):
        dense[at.week, index, at.name] = np.nan_to_num(frame.numbers(name)[at.row])
    return names, dense, _present(at.week, weeks.size)
