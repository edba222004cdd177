"""One figure of a benchmark, beside its reference."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Measure:
    """A figure measured here and the same figure of a reference.

    Parameters
    ----------
    name
        What was measured.
    ours
        Our value, in `unit`.
    reference
        Value of the reference in the same run; None where there is none.
    unit
        Unit of both.
    note
        Who the reference is, and what both values include.
    """

    name: str
    ours: float
    reference: float | None
    unit: str
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """How many times the reference needs of ours; None without a reference or at zero."""
        if self.reference is None or self.ours == 0:
            return None
        return self.reference / self.ours
