"""Factor and specific returns, session by session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from optimizer.arrays import FloatArray, IntArray
from optimizer.risk.panel import RiskPanel
from optimizer.risk.regression import FactorReturns, factor_returns

# A regression needs this many names per factor, or its factor returns are mostly noise.
_NAMES_PER_FACTOR = 2
_CONSTANT = 1e-6
# A style that sets fewer names than this apart from the others says nothing but their own returns:
# the first statements of a season fill several styles for one and the same name.
_NAMES_PER_STYLE = 5


@dataclass(frozen=True)
class FactorHistory:
    """Regressions of all sessions; [T] sessions, [K] factors, [N] names.

    Attributes
    ----------
    week
        [T], week whose exposures were used; -1 where there was no regression, and then everything
        else is NaN.
    returns, t_stats, inflation, shares
        [T, K]; NaN where a factor had no return. Inflation of variance is of styles, shares (of
        the capitalisation in the regression) of industries.
    specific
        [T, N].
    r_squared, mean_square, identity_error
        [T]; the last is the largest difference of a return from its factors' and its own part.
    names, factors
        [T], how many took part.
    """

    week: IntArray
    returns: FloatArray
    t_stats: FloatArray
    inflation: FloatArray
    shares: FloatArray
    specific: FloatArray
    r_squared: FloatArray
    mean_square: FloatArray
    identity_error: FloatArray
    names: IntArray
    factors: IntArray


def explain_returns(
    panel: RiskPanel, progress: Callable[[int, int], None] | None = None
) -> FactorHistory:
    """Regress every session's returns on the exposures of the latest week before it.

    A style by which fewer than five of the names at hand differ from their median has no return
    that session. Sessions with fewer than two names per factor are left out.
    """
    sessions, names, factors = (
        panel.sessions.size,
        len(panel.symbols),
        len(panel.factor_names),
    )
    history = _empty(sessions, names, factors)
    for session in range(sessions):
        week = panel.exposure_week(session)
        if week >= 0:
            _explain(panel, history, session, week)
        if progress is not None:
            progress(session + 1, sessions)
    return history


def _explain(panel: RiskPanel, history: FactorHistory, session: int, week: int) -> None:
    styles = panel.styles[week].T.astype(np.float64)
    returns = np.where(panel.in_universe[week], panel.returns[session], np.nan)
    industry = panel.industry[week].astype(np.intp)
    used = np.isfinite(returns) & np.isfinite(styles).all(axis=1) & (industry >= 0)
    used &= panel.capitalisation[week] > 0
    varies = np.zeros(styles.shape[1], dtype=np.bool_)
    if used.any():
        apart = np.abs(styles[used] - np.median(styles[used], axis=0)) > _CONSTANT
        varies = apart.sum(axis=0) >= _NAMES_PER_STYLE
    count = 1 + int(varies.sum()) + np.unique(industry[used]).size
    if used.sum() < _NAMES_PER_FACTOR * count:
        return
    found = factor_returns(
        np.where(used, returns, np.nan),
        styles[:, varies],
        industry,
        panel.capitalisation[week],
        len(panel.industry_codes),
    )
    at = np.concatenate([[True], varies, np.ones(len(panel.industry_codes), dtype=np.bool_)])
    history.week[session] = week
    history.names[session], history.factors[session] = used.sum(), count
    values = np.concatenate([[found.market], found.styles, found.industries])
    history.returns[session, at] = values
    history.t_stats[session, at] = found.t_stats
    history.inflation[session, 1 : 1 + varies.size][varies] = found.inflation
    present = found.capitalisation > 0
    shares = found.capitalisation / found.capitalisation.sum()
    history.shares[session, 1 + varies.size :] = np.where(present, shares, np.nan)
    history.specific[session] = found.specific
    history.r_squared[session], history.mean_square[session] = found.r_squared, found.mean_square
    history.identity_error[session] = _identity_error(found, returns, styles[:, varies], industry)


def _identity_error(
    found: FactorReturns, returns: FloatArray, styles: FloatArray, industry: IntArray
) -> float:
    """Largest gap between a return and the sum of its parts, added up name by name."""
    known = np.isfinite(found.specific)
    own = found.industries[industry[known]]
    explained = found.market + (styles[known] * found.styles).sum(axis=1) + own
    return float(np.abs(returns[known] - explained - found.specific[known]).max())


def _empty(sessions: int, names: int, factors: int) -> FactorHistory:
    def nothing(*shape: int) -> FloatArray:
        return np.full(shape, np.nan)

    return FactorHistory(
        week=np.full(sessions, -1, dtype=np.intp),
        returns=nothing(sessions, factors),
        t_stats=nothing(sessions, factors),
        inflation=nothing(sessions, factors),
        shares=nothing(sessions, factors),
        specific=nothing(sessions, names),
        r_squared=nothing(sessions),
        mean_square=nothing(sessions),
        identity_error=nothing(sessions),
        names=np.zeros(sessions, dtype=np.intp),
        factors=np.zeros(sessions, dtype=np.intp),
    )
