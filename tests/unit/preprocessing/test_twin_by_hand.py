"""The NumPy twin of preprocessing on cases small enough to be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from twins.preprocessing import Preprocessed, preprocess


def _run(
    values: list[float],
    industries: list[str],
    caps: list[float] | None = None,
    *,
    practitioner: bool = False,
    neutralises_cap: bool = True,
) -> Preprocessed:
    return preprocess(
        np.array(values, dtype=float),
        np.array(industries),
        np.array(caps if caps is not None else [1.0] * len(values)),
        clips_at_percentiles=practitioner,
        neutralises_cap=neutralises_cap,
    )


def test_outlier_is_clipped_at_five_median_deviations() -> None:
    # Median 3, deviations 2 1 0 1 97: their median is 1, so the bounds are -2 and 8.
    found = _run([1, 2, 3, 4, 100], ["A"] * 5)
    centred = np.array([1, 2, 3, 4, 8]) - 3.6
    np.testing.assert_allclose(found.exposures, centred / np.std(centred, ddof=1))
    assert found.share_clipped == pytest.approx(0.2)


def test_zero_median_deviation_is_not_clipped_by_the_paper() -> None:
    found = _run([0, 0, 0, 0, 10], ["A"] * 5)
    assert found.is_mad_zero
    assert found.share_clipped == 0
    assert found.exposures[-1] == pytest.approx(8 / np.sqrt(20))


def test_zero_median_deviation_is_clipped_at_percentiles_by_the_practitioner() -> None:
    # The 99th percentile of 0 0 0 0 10 lies at position 3.96: 9.6.
    found = _run([0, 0, 0, 0, 10], ["A"] * 5, practitioner=True)
    assert found.is_mad_zero
    assert found.share_clipped == pytest.approx(0.2)


def test_missing_value_takes_the_mean_of_its_industry_and_stands_at_zero() -> None:
    found = _run([1, 3, np.nan, 5, 9], ["A", "A", "A", "B", "B"])
    np.testing.assert_allclose(found.exposures * np.sqrt(2.5), [-1, 1, 0, -2, 2], atol=1e-15)
    assert found.share_present == pytest.approx(0.8)


def test_industry_without_values_stands_at_zero() -> None:
    found = _run([1, 3, np.nan, np.nan], ["A", "A", "B", "B"])
    np.testing.assert_allclose(found.exposures * np.sqrt(2 / 3), [-1, 1, 0, 0], atol=1e-15)


def test_factor_without_values_is_zero() -> None:
    found = _run([np.nan, np.inf, -np.inf], ["A", "A", "B"])
    assert found.share_present == 0
    assert found.is_constant
    assert not found.exposures.any()


def test_lone_stock_of_an_industry_stands_at_zero() -> None:
    found = _run([1, 3, 7], ["A", "A", "B"])
    assert found.exposures[-1] == pytest.approx(0)


def test_cap_neutralised_on_itself_is_zero_not_noise() -> None:
    caps = [1e9, 3e9, 7e9, 2e10]
    found = _run(list(np.log(caps)), ["A", "A", "B", "B"], caps)
    assert found.is_constant
    assert not found.exposures.any()


def test_cap_that_is_only_demeaned_keeps_its_order() -> None:
    caps = [1e9, 3e9, 7e9, 2e10]
    found = _run(list(np.log(caps)), ["A"] * 4, caps, neutralises_cap=False)
    assert (np.diff(found.exposures) > 0).all()


def test_exposures_are_orthogonal_to_log_cap() -> None:
    caps = [1e9, 2e9, 4e9, 8e9, 1e10, 3e10]
    found = _run([3, 1, 4, 1, 5, 9], ["A", "A", "A", "B", "B", "B"], caps)
    assert found.exposures @ np.log(caps) == pytest.approx(0, abs=1e-9)
    assert np.std(found.exposures, ddof=1) == pytest.approx(1)
