"""The loss rank_ic: its value, its exact gradient, and weeks that have none."""

import numpy as np
import pytest
from scipy import stats

from models_ml.losses import RankICLoss, RankICObjective
from models_ml.rules import RankICRule

FORMS = pytest.mark.parametrize("form", ["weekly", "pooled"])
SIZES = (40, 3, 25, 7)


@pytest.fixture
def rows():
    """Weeks of four sizes, labels with ties, forecasts of a scale of their own per week."""
    rng = np.random.default_rng(3)
    week_of = np.repeat(np.arange(len(SIZES)), SIZES)
    week_dates = np.datetime64("2016-01-08", "D") + 7 * week_of
    label = np.round(rng.standard_normal(len(week_of)), 1)
    forecast = (0.3 * label + rng.standard_normal(len(week_of))) * (1.0 + week_of) + 5.0 * week_of
    return week_dates, label, forecast


def loss_of(form, rows):
    return RankICLoss.of(form, rows[0], rows[1])


def test_weekly_value_is_one_minus_the_mean_correlation_with_ranks(rows):
    week_dates, label, forecast = rows
    correlations = [
        np.corrcoef(forecast[week_dates == week], stats.rankdata(label[week_dates == week]))[0, 1]
        for week in np.unique(week_dates)
    ]
    found = loss_of("weekly", rows).value(forecast)
    assert found == pytest.approx(1.0 - np.mean(correlations), abs=1e-12)


def test_pooled_value_is_one_correlation_over_all_rows(rows):
    _, label, forecast = rows
    expected = 1.0 - np.corrcoef(forecast, stats.rankdata(label))[0, 1]
    assert loss_of("pooled", rows).value(forecast) == pytest.approx(expected, abs=1e-12)


@FORMS
def test_gradient_agrees_with_finite_differences(rows, form):
    loss, forecast, step = loss_of(form, rows), rows[2], 1e-5
    numeric = np.empty(len(forecast))
    for row in range(len(forecast)):
        moved = np.zeros(len(forecast))
        moved[row] = step
        numeric[row] = (loss.value(forecast + moved) - loss.value(forecast - moved)) / (2 * step)
    gradient = loss.gradient(forecast)
    assert np.abs(gradient).max() > 1e-3
    np.testing.assert_allclose(gradient, numeric, rtol=0, atol=1e-9)


@FORMS
def test_gradient_moves_neither_level_nor_scale_of_a_group(rows, form):
    week_dates, _, forecast = rows
    loss = loss_of(form, rows)
    groups = np.unique(week_dates, return_inverse=True)[1] if form == "weekly" else [0] * 75
    for vector in (loss.gradient(forecast), loss.boosting_terms(forecast)[0]):
        assert np.abs(np.bincount(groups, vector)).max() < 1e-10
        assert np.abs(np.bincount(groups, vector * forecast)).max() < 1e-9


@FORMS
def test_boosting_terms_are_the_gradient_in_other_units(rows, form):
    """Times names, groups and one common spread: in every group the same factor per name."""
    forecast = rows[2]
    loss = loss_of(form, rows)
    gradient, hessian = loss.boosting_terms(forecast, step=0.5)
    factor = gradient / loss.gradient(forecast) / loss.names[loss.group_of]
    np.testing.assert_allclose(factor, factor[0], rtol=1e-8)
    assert factor[0] > 0.0
    assert (hessian == 1.0).all()


@FORMS
def test_scale_of_forecasts_does_not_matter(rows, form):
    loss, forecast = loss_of(form, rows), rows[2]
    assert loss.value(1e-4 * forecast) == pytest.approx(loss.value(forecast), abs=1e-12)
    np.testing.assert_allclose(
        loss.boosting_terms(1e-4 * forecast)[0], loss.boosting_terms(forecast)[0], atol=1e-9
    )


@pytest.mark.parametrize("label", [np.array([2.0]), np.array([1.0, 1.0, 1.0])])
def test_a_week_without_a_ranking_counts_nowhere(rows, label):
    week_dates, labels, forecast = rows
    added = np.full(len(label), week_dates[-1] + 7)
    longer = RankICLoss.of(
        "weekly", np.concatenate([week_dates, added]), np.concatenate([labels, label])
    )
    longer_forecast = np.concatenate([forecast, np.arange(len(label), dtype=np.float64)])
    alone = loss_of("weekly", rows)
    assert longer.value(longer_forecast) == alone.value(forecast)
    np.testing.assert_array_equal(
        longer.gradient(longer_forecast)[: len(forecast)], alone.gradient(forecast)
    )
    for terms in (longer.start_terms(), longer.boosting_terms(longer_forecast)):
        assert not np.concatenate([part[len(forecast) :] for part in terms]).any()


def test_a_week_of_constant_forecasts_starts_from_the_label_rank(rows):
    week_dates, _, forecast = rows
    loss = loss_of("weekly", rows)
    flat = week_dates == week_dates[0]
    # Far from zero, where the mean of equal numbers is not quite their value.
    constant = np.where(flat, 1e6 / 3.0, forecast)
    assert not loss.gradient(constant)[flat].any()
    gradient, hessian = loss.boosting_terms(constant)
    np.testing.assert_array_equal(gradient[flat], -loss.label_rank[flat])
    assert np.isfinite(gradient).all()
    assert (hessian == 1.0).all()
    correlations = 1.0 - loss_of("weekly", tuple(part[~flat] for part in rows)).value(
        forecast[~flat]
    )
    assert loss.value(constant) == pytest.approx(1.0 - correlations * 3 / 4, abs=1e-12)


def test_without_any_ranking_there_is_no_loss_to_learn_from():
    weeks = np.array(["2016-01-08", "2016-01-15"], dtype="datetime64[D]")
    loss = RankICLoss.of("weekly", weeks, np.array([1.0, 2.0]))
    assert loss.value(np.array([3.0, 4.0])) == 1.0
    assert not loss.gradient(np.array([3.0, 4.0])).any()


def test_descent_along_the_gradient_lowers_the_loss(rows):
    loss, forecast = loss_of("weekly", rows), rows[2]
    for _ in range(300):
        forecast = forecast - 0.1 * loss.boosting_terms(forecast)[0]
    assert loss.value(forecast) < 0.01 < loss.value(rows[2])


def test_objective_starts_with_the_label_rank_for_as_many_trees_as_the_rule_says(rows):
    loss, forecast = loss_of("weekly", rows), rows[2]
    objective = RankICObjective(loss, RankICRule("weekly", start_trees=2, step=0.25), 60)
    terms = [objective(forecast)[0] for _ in range(3)]
    np.testing.assert_array_equal(terms[0], -loss.label_rank)
    np.testing.assert_array_equal(terms[1], -loss.label_rank)
    np.testing.assert_array_equal(terms[2], loss.boosting_terms(forecast, step=0.25)[0])


@pytest.mark.parametrize(
    ("rule", "max_rounds", "trees"),
    [
        (RankICRule("weekly", start_trees=40), 400, 40),
        (RankICRule("weekly", start_trees=40), 80, 40),
        (RankICRule("weekly", start_trees=40), 30, 15),
        (RankICRule("weekly", start_trees=40), 1, 1),
        (RankICRule("pooled"), 400, 1),
    ],
)
def test_the_start_leaves_rounds_for_the_gradient(rule, max_rounds, trees):
    assert rule.start_of(max_rounds) == trees


def test_missing_labels_and_unordered_weeks_are_refused(rows):
    week_dates, label, _ = rows
    with pytest.raises(ValueError, match="finite labels"):
        RankICLoss.of("weekly", week_dates, np.where(label > 1.0, np.nan, label))
    with pytest.raises(ValueError, match="order of their weeks"):
        RankICLoss.of("weekly", week_dates[::-1], label)


def test_impossible_rules_are_refused():
    with pytest.raises(ValueError, match="start_trees=0"):
        RankICRule("weekly", start_trees=0)
    with pytest.raises(ValueError, match=r"step=0\.0"):
        RankICRule("weekly", step=0.0)
    with pytest.raises(ValueError, match=r"start_share=1\.0"):
        RankICRule("weekly", start_share=1.0)
