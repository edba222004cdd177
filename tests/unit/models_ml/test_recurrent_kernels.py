"""Compiled gates: accuracy, what is no number, repeated places. Values of whole layers are compared
with torch's in test_recurrent_network."""

import os
import subprocess
import sys

import numpy as np
import pytest

from models_ml.estimators import recurrent_kernels as kernels

SIZE = 16
WIDE = np.concatenate([np.linspace(-120.0, 120.0, 4801), [-np.inf, np.inf, 0.0]])


def in_rows(values: np.ndarray, dtype: type) -> np.ndarray:
    """Values as the one state of each sequence, repeated over the width of a register."""
    return np.repeat(values.astype(dtype)[:, None], SIZE, axis=1)


def tanh(values: np.ndarray, dtype: type) -> np.ndarray:
    rows = in_rows(values, dtype)
    states = np.empty_like(rows)
    kernels.tanh_states(rows, np.arange(len(rows)), np.zeros_like(rows), states)
    return states[:, 0]


def reset_gate(values: np.ndarray, dtype: type) -> np.ndarray:
    rows = np.tile(in_rows(values, dtype), 3)
    gates, before = np.zeros_like(rows), np.zeros_like(rows[:, :SIZE].copy())
    new, states = np.empty_like(before), np.empty_like(before)
    kernels.gru_states(rows, np.arange(len(rows)), gates, before, new, states)
    return gates[:, 0]


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 2e-7), (np.float64, 1e-15)])
def test_sigmoid_and_tanh_are_exact_to_rounding(dtype, tolerance):
    with np.errstate(over="ignore"):
        expected = 1.0 / (1.0 + np.exp(-WIDE.astype(dtype).astype(np.float64)))
    np.testing.assert_allclose(reset_gate(WIDE, dtype), expected, rtol=0.0, atol=tolerance)
    expected = np.tanh(WIDE.astype(dtype).astype(np.float64))
    np.testing.assert_allclose(tanh(WIDE, dtype), expected, rtol=0.0, atol=tolerance)


def test_called_without_a_compiler_they_are_the_same_functions():
    for value in (-900.0, -3.0, 0.0, 0.7, 900.0):
        assert kernels.tanh(value) == pytest.approx(np.tanh(value), abs=1e-15)
        expected = 1.0 / (1.0 + np.exp(-np.clip(value, -700.0, 700.0)))
        assert kernels.sigmoid(value) == pytest.approx(expected, abs=1e-15)


def test_a_small_sigmoid_keeps_its_digits():
    values = np.linspace(-80.0, -5.0, 301)
    expected = 1.0 / (1.0 + np.exp(-values.astype(np.float32).astype(np.float64)))
    np.testing.assert_allclose(reset_gate(values, np.float32), expected, rtol=1e-5)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_what_is_no_number_stays_so_and_stays_alone(dtype):
    values = np.array([0.5, np.nan, -0.5])
    for found in (tanh(values, dtype), reset_gate(values, dtype)):
        assert np.isnan(found).tolist() == [False, True, False]


def test_rows_add_what_comes_to_them_however_often():
    random = np.random.default_rng(1)
    values = random.integers(-9, 9, (50, 7)).astype(np.float32)
    places = random.integers(0, 5, 50)
    rows = np.ones((6, 7), np.float32)
    kernels.add_to_rows(values, places, rows)
    expected = np.ones_like(rows)
    np.add.at(expected, places, values)
    np.testing.assert_array_equal(rows, expected)


def test_compiling_says_nothing(tmp_path):
    call = (
        "import numpy as np\n"
        "from models_ml.estimators import recurrent_kernels as kernels\n"
        "of = lambda width: np.ones((2, width), np.float32)\n"
        "kernels.lstm_states(of(8), np.arange(2), of(8), of(2), of(2), of(2), of(2))\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", call],
        env=os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(tmp_path.rglob("*.nbc"))
