"""How far two computations of the same factors agree, and why they differ where they do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

TOLERANCE = 1e-5


@dataclass(frozen=True)
class Agreement:
    """Counts of values of one factor, or of several added up.

    Attributes
    ----------
    compared
        Values with a full window of traded sessions that one side has at least.
    equal
        Of these: within the tolerance, relative to the value or to the factor's typical size.
    equal_strictly
        Of these: within the tolerance relative to the value itself.
    one_sided
        Of these: given by one side alone.
    incomplete
        Values left out, because the window holds a session without trade or begins before
        the listing.
    incomplete_equal
        Of these: within the tolerance all the same.
    """

    compared: int = 0
    equal: int = 0
    equal_strictly: int = 0
    one_sided: int = 0
    incomplete: int = 0
    incomplete_equal: int = 0

    def __add__(self, other: Agreement) -> Agreement:
        return Agreement(
            *(a + b for a, b in zip(vars(self).values(), vars(other).values(), strict=True))
        )

    @property
    def share(self) -> float:
        """Share of equal values among those compared."""
        return self.equal / self.compared if self.compared else float("nan")


def agreement(
    ours: NDArray[np.float64],
    theirs: NDArray[np.float64],
    is_complete: NDArray[np.bool_],
    size: float,
) -> Agreement:
    """Compare one factor.

    Parameters
    ----------
    ours, theirs
        [n], NaN = missing.
    is_complete
        [n], whether every session of the window was traded.
    size
        Typical size of the factor; 0: only the value itself counts.
    """
    given = np.isfinite(ours) | np.isfinite(theirs)
    both = np.isfinite(ours) & np.isfinite(theirs)
    difference = np.abs(ours - theirs)
    values = np.maximum(np.abs(ours), np.abs(theirs))
    with np.errstate(invalid="ignore"):
        strictly = both & (difference <= TOLERANCE * values)
        equal = both & (difference <= TOLERANCE * np.maximum(values, size))
    full = given & is_complete
    rest = given & ~is_complete
    return Agreement(
        compared=int(full.sum()),
        equal=int((full & equal).sum()),
        equal_strictly=int((full & strictly).sum()),
        one_sided=int((full & ~both).sum()),
        incomplete=int(rest.sum()),
        incomplete_equal=int((rest & equal).sum()),
    )
