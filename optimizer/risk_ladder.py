"""The relaxation ladder for problems with risk: linear limits first, then the bound on risk.

Whether anything has to give way is decided on the linear limits alone, by the ladder of linear
programs. A tracking error that is out of reach within them gives way last, to the least there is.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from optimizer.arrays import BoolArray
from optimizer.problem.linear import LinearPortfolio
from optimizer.problem.risk_part import RiskPart
from optimizer.relaxation import STEPS, LadderSolution, LastResort, solve_with_ladder
from optimizer.solve.quadratic import RiskSolution, solve_quadratic
from optimizer.solve.shadow import ShadowPrice

TRACKING_ERROR_STEP = len(STEPS) + 1
# Room beyond the least violation: an interior point needs an interior.
_ROOM = 1e-6
_ACTIVE = 1e-9


def solve_risk_with_ladder(
    lp: LinearPortfolio, risk: RiskPart, last_resort: LastResort, cappable: BoolArray
) -> tuple[LadderSolution, RiskSolution]:
    """Solve, opening one step of the ladder after another until a portfolio exists.

    Returns
    -------
    ladder, found
        The first is in terms of the linearised program, for certificate and shadow prices.

    Raises
    ------
    InfeasibleError
        If even the last resort leaves no portfolio.
    CertificateError
        If the solution cannot be certified.
    """
    linear = solve_with_ladder(lp, last_resort, cappable)
    relaxed = linear.relaxed if linear.step == 0 else _with_room(linear.relaxed, lp)
    found = solve_quadratic(relaxed, risk)
    step = TRACKING_ERROR_STEP if found.limit > risk.limit else linear.step
    return LadderSolution(found.solution, step, found.linearised, found.certificate), found


def tracking_error_price(
    risk: RiskPart, found: RiskSolution, asked: float, yearly: float
) -> ShadowPrice:
    """Entry of the bound for storage, in units of a year.

    Parameters
    ----------
    asked
        The bound of the scenario over the horizon of the model.
    yearly
        Deviation of a year per unit of deviation over that horizon.
    """
    slack = asked - risk.deviation(found.solution.weights)
    violated = slack < -_ACTIVE
    return ShadowPrice(
        name="tracking_error",
        group="tracking_error",
        # A bound that is not reached has no price, nor has one that gave way to the least.
        dual=0.0 if abs(slack) > _ACTIVE else found.tracking_price / yearly,
        slack=slack * yearly,
        is_active=slack <= _ACTIVE,
        relaxation_step=TRACKING_ERROR_STEP if violated else 0,
        violation=-slack * yearly if violated else 0.0,
    )


def _with_room(relaxed: LinearPortfolio, lp: LinearPortfolio) -> LinearPortfolio:
    """The widened limits a little wider."""
    limit = relaxed.turnover_limit
    return replace(
        relaxed,
        row_lower=relaxed.row_lower - np.where(relaxed.row_lower < lp.row_lower, _ROOM, 0.0),
        row_upper=relaxed.row_upper + np.where(relaxed.row_upper > lp.row_upper, _ROOM, 0.0),
        turnover_limit=limit + _ROOM if limit > lp.turnover_limit else limit,
    )
