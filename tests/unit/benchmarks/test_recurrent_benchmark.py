"""Both ways of the recurrent benchmark learn the same."""

import numpy as np
import pytest

from benchmarks import recurrent
from benchmarks.recurrent import KINDS, Size, learn_here, learn_plainly, make_panel
from models_ml.sequences import Sequences


@pytest.mark.parametrize("kind", KINDS)
def test_losses_of_both_loops_agree_step_by_step(kind):
    size = Size(kind, samples=400, hidden=8, batch=128, epochs=2, threads=1)
    panel = make_panel(size.samples)
    here, plain = (learn(size, panel)["losses"] for learn in (learn_here, learn_plainly))
    assert len(here) == len(plain) == 2 * 4
    assert np.allclose(here, plain, rtol=1e-5, atol=0.0)
    assert here[4] < here[0]


def test_the_panel_has_the_samples_that_were_asked_for():
    panel = make_panel(1000)
    assert np.count_nonzero(Sequences.of(panel).is_complete) == 1000


def test_less_arithmetic_is_done_here():
    size = Size("gru", samples=1000, hidden=128, batch=256, epochs=1, threads=1)
    width = 3 * 128
    plain = 5 * 123 * width * 2 + 3 * 15 * 128 * width
    here = 1.04 * 123 * width * 2 + 3 * 13 * 128 * width
    assert size.operations(shared=False) == pytest.approx(2.0 * 1000 * plain)
    assert size.operations(shared=True) == pytest.approx(2.0 * 1000 * here)


@pytest.mark.parametrize(
    ("seconds", "added", "last_loss", "status"),
    [
        (1.0, 50, 0.5, 0),
        (1.1, 50, 0.5, 1),
        (1.0, 51, 0.5, 1),
        (1.0, 50, 0.501, 1),
    ],
    ids=["met", "too_slow", "too_large", "other_losses"],
)
def test_a_missed_goal_is_an_exit_status(monkeypatch, capsys, seconds, added, last_loss, status):
    """Three times as fast, and half the features again, is just enough."""
    plain = {"seconds": [(3.0, 3.0)], "losses": [1.0, 0.5]}
    here = {"seconds": [(seconds, seconds)], "losses": [1.0, last_loss]}
    sizes = {"feature_bytes": 100, "added_bytes": added, "library_bytes": 7_000_000}
    ways = {"plain": plain | sizes, "here": here | sizes}
    monkeypatch.setattr(recurrent, "measure", lambda way, size: ways[way])
    monkeypatch.setattr(recurrent, "multiplication_rate", lambda size: {"torch.mm": 1e9})
    monkeypatch.setattr("sys.argv", ["recurrent", "--kinds", "gru"])
    assert recurrent.main() == status
    assert "(goal 1.5; libraries beside it, MB: here 7, plain 7)" in capsys.readouterr().out
