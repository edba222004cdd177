import numpy as np
import pytest
import statsmodels.api as sm

from models_ml.metrics import STATISTICS, newey_west_t, rank_ic_summary

HAND = np.array([0.1, -0.1, 0.3, 0.1, np.nan])
HAND_P = np.array([0.04, 0.01, 0.001, 0.2, np.nan])


def test_by_hand():
    found = rank_ic_summary(HAND, HAND_P, horizon_weeks=1)
    assert list(found) == list(STATISTICS)
    assert found["mean"] == pytest.approx(0.1)
    assert found["std"] == pytest.approx(np.sqrt(0.08 / 3))
    assert found["ir"] == pytest.approx(0.1 / np.sqrt(0.08 / 3))
    assert found["t_stat"] == pytest.approx(2 * 0.1 / np.sqrt(0.08 / 3))
    assert found["skew"] == pytest.approx(0.0)
    # Deviations 0, -.2, .2, 0: m4 / m2^2 = .0008 / .0004 = 2, bias-corrected excess
    # (n - 1) / ((n - 2)(n - 3)) * ((n + 1) * (2 - 3) + 6) = 3 / 2 * 1.
    assert found["kurtosis"] == pytest.approx(1.5)
    assert (found["positive"], found["negative"], found["week_count"]) == (3, 1, 4)


def test_shares_have_one_denominator():
    found = rank_ic_summary(HAND, HAND_P, horizon_weeks=1)
    assert found["sig_positive"] == 0.5
    assert found["sig_negative"] == 0.25
    assert found["significance"] == 0.75


def test_sub_samples_do_not_overlap():
    """Weeks 0, 2, 4 and 1, 3, 5; the missing week keeps its place."""
    rank_ic = np.array([0.1, 0.2, np.nan, 0.4, 0.3, 0.3])
    found = rank_ic_summary(rank_ic, np.full(6, 0.5), horizon_weeks=2)
    first, second = np.array([0.1, 0.3]), np.array([0.2, 0.4, 0.3])
    assert found["mean_non_overlapping"] == pytest.approx((0.2 + 0.3) / 2)
    t_stats = [
        sample.mean() / sample.std(ddof=1) * np.sqrt(len(sample)) for sample in (first, second)
    ]
    assert found["t_stat_non_overlapping"] == pytest.approx(np.mean(t_stats))


def test_one_week_horizon_has_one_sub_sample():
    found = rank_ic_summary(HAND, HAND_P, horizon_weeks=1)
    assert found["mean_non_overlapping"] == found["mean"]
    assert found["t_stat_non_overlapping"] == pytest.approx(found["t_stat"])


@pytest.mark.parametrize("lag", [0, 1, 4])
def test_newey_west_is_statsmodels(lag):
    rng = np.random.default_rng(3)
    noise = rng.standard_normal(300)
    series = 0.1 + noise[3:] + noise[2:-1] + noise[1:-2] + noise[:-3]
    fit = sm.OLS(series, np.ones(len(series))).fit(cov_type="HAC", cov_kwds={"maxlags": lag})
    assert newey_west_t(series, lag=lag) == pytest.approx(fit.tvalues[0], rel=1e-10)


def test_overlap_lowers_the_newey_west_t():
    rng = np.random.default_rng(4)
    noise = rng.standard_normal(400)
    overlapping = 0.2 + np.convolve(noise, np.ones(4) / 4, mode="valid")
    found = rank_ic_summary(overlapping, np.full(len(overlapping), 0.5), horizon_weeks=4)
    assert 0 < found["t_stat_newey_west"] < 0.75 * found["t_stat"]
    assert 0 < found["t_stat_non_overlapping"] < 0.75 * found["t_stat"]


def test_lag_follows_the_horizon():
    rng = np.random.default_rng(5)
    series = rng.standard_normal(50)
    for horizon in (1, 4):
        found = rank_ic_summary(series, np.full(50, 0.5), horizon_weeks=horizon)
        assert found["t_stat_newey_west"] == newey_west_t(series, lag=horizon)


@pytest.mark.parametrize("values", [[], [np.nan], [0.1], [0.1, 0.1]])
def test_too_little_to_say(values):
    found = rank_ic_summary(np.array(values), np.full(len(values), 0.5), horizon_weeks=4)
    for name in ("ir", "t_stat", "p_value", "skew", "kurtosis", "t_stat_newey_west"):
        assert np.isnan(found[name]), name
    assert found["week_count"] == np.isfinite(values).sum()
