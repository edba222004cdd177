"""In which samples a network learns together, and in which order."""

from collections.abc import Iterator

import numpy as np

from models_ml.arrays import Rows
from models_ml.panel import Panel
from models_ml.sequences import Sequences
from models_ml.specs import Order


def stock_batches(
    panel: Panel,
    sequences: Sequences,
    rows: Rows,
    batch_size: int,
    order: Order,
    random: np.random.Generator,
) -> Iterator[Rows]:
    """Cut samples, stock after stock and each in time order, into batches of equal size.

    Parameters
    ----------
    panel, sequences
        The panel and its sequences.
    rows
        Rows that end a sequence.
    batch_size
        Samples per batch; the last one may have fewer.
    order
        'order': stocks in order of their symbols; 'random': stocks shuffled, weeks of each
        together (section 3.2.5 of the study).
    random
        Shuffles, anew at each call.
    """
    ordered = sequences.sorted_by_stock(rows)
    if order == "random":
        ordered = np.concatenate(_shuffled(ordered, panel.symbol_codes[ordered], random))
    for first in range(0, len(ordered), batch_size):
        yield ordered[first : first + batch_size]


def week_batches(
    panel: Panel, rows: Rows, batch_size: int, order: Order, random: np.random.Generator
) -> Iterator[Rows]:
    """Put whole weeks together until they have at least so many samples.

    Parameters
    ----------
    panel
        The panel.
    rows
        Rows that end a sequence, ascending.
    batch_size
        Least number of samples of a batch; the last one may have fewer.
    order
        'order': weeks in time order; 'random': weeks shuffled. Within a batch rows ascend.
    random
        Shuffles, anew at each call.
    """
    codes = np.searchsorted(panel.weeks, panel.week_dates[rows])
    weeks = _groups(rows, codes) if order == "order" else _shuffled(rows, codes, random)
    held: list[Rows] = []
    for week in weeks:
        held.append(week)
        if sum(map(len, held)) >= batch_size:
            yield np.sort(np.concatenate(held))
            held = []
    if held:
        yield np.sort(np.concatenate(held))


def _groups(rows: Rows, codes: np.ndarray) -> list[Rows]:
    return np.split(rows, np.flatnonzero(np.diff(codes)) + 1)


def _shuffled(rows: Rows, codes: np.ndarray, random: np.random.Generator) -> list[Rows]:
    groups = _groups(rows, codes)
    return [groups[number] for number in random.permutation(len(groups))]
