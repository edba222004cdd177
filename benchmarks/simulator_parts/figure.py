"""One measured figure beside its band, and the table of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One measured figure and the band it is accepted in."""

    fact: str
    definition: str
    low: float
    high: float
    value: float

    @property
    def inside(self) -> bool:
        """Whether the value lies in the band, ends included; a missing value does not."""
        return bool(self.low <= self.value <= self.high)


def around(fact: str, definition: str, real: float, share: float, value: float) -> Figure:
    """Figure whose band is a real value, give or take a share of it."""
    reach = abs(real) * share
    return Figure(fact, definition, real - reach, real + reach, value)


def render(columns: Mapping[int, Sequence[Figure]]) -> str:
    """One row per figure: fact, definition, band, value per seed, whether all lie inside."""
    seeds = list(columns)
    head = f"{'fact':<7}{'definition':<60}{'band':>18}"
    head += "".join(f"{f'seed {seed}':>10}" for seed in seeds) + "  inside"
    lines = [head, "-" * len(head)]
    rows = list(zip(*columns.values(), strict=True))
    for row in sorted(rows, key=lambda row: _order(row[0].fact)):
        first = row[0]
        band = f"{first.low:.3f} to {first.high:.3f}"
        values = "".join(f"{figure.value:>10.3f}" for figure in row)
        inside = "yes" if all(figure.inside for figure in row) else "no"
        lines.append(f"{first.fact:<7}{first.definition:<60}{band:>18}{values}  {inside}")
    within = sum(all(figure.inside for figure in row) for row in rows)
    lines.append(f"{within} of {len(rows)} figures inside their band for every seed")
    return "\n".join(lines)


def _order(fact: str) -> int:
    """Number of a fact; what has none comes last."""
    return int(fact) if fact.isdigit() else 99
