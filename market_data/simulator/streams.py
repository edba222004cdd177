"""Independent random streams, one per purpose, all from one seed."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


class Purpose(IntEnum):
    """What a stream is for; the number is part of the seed, so it never changes."""

    POPULATION = 0
    FUNDAMENTALS = 1
    CORPORATE_ACTIONS = 2
    FACTORS = 3
    SPECIFIC = 4
    LATENT = 5
    TRADING = 6
    SUSPENSION = 7
    RECLASSIFICATION = 8
    DYNAMICS = 9
    UNLOCKING = 10
    DELISTING = 11
    LATE_FILING = 12
    RESTATEMENT = 13
    MASS_RECLASSIFICATION = 14
    MEMORY = 15


def stream(seed: int, purpose: Purpose) -> np.random.Generator:
    """Return the generator of one purpose: PCG64 seeded by `SeedSequence((seed, purpose))`.

    Streams do not depend on each other: drawing more from one leaves the others as they were.
    """
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence((seed, int(purpose)))))


def session_variance(shock: FloatArray, degrees: float) -> FloatArray:
    """Expected variance of a session given its shock, relative to that known before it.

    Student's t is a normal whose variance differs from draw to draw; given a draw of unit variance
    the mean of that variance is `(degrees - 2 + shock^2) / (degrees - 1)`, which is 1 on average.
    """
    result: FloatArray = (degrees - 2.0 + shock * shock) / (degrees - 1.0)
    return result


def unit_student(
    generator: np.random.Generator, degrees: float, size: int | tuple[int, ...]
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Student's t with unit variance; `degrees` must exceed 2."""
    return generator.standard_t(degrees, size) * float(np.sqrt((degrees - 2.0) / degrees))
