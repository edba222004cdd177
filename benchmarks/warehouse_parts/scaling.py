"""How cost grows with the data: the slope of ln(cost) on ln(size)."""

from __future__ import annotations

import math
from collections.abc import Sequence


def cost_exponent(sizes: Sequence[float], costs: Sequence[float]) -> float:
    """Least-squares slope of ln(cost) on ln(size); 1 is cost in proportion to the data.

    Parameters
    ----------
    sizes, costs
        At least two each, positive, in the same order.
    """
    x = [math.log(size) for size in sizes]
    y = [math.log(cost) for cost in costs]
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    return sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True)) / sum(
        (a - mean_x) ** 2 for a in x
    )
