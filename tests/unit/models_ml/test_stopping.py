from models_ml.estimators.stopping import StoppingTracker
from models_ml.rules import StoppingRule


def run(rule, scores):
    """Rounds trained until the tracker stops, and the best number of rounds."""
    tracker = StoppingTracker(rule)
    for rounds, score in enumerate(scores, start=1):
        if tracker.add(score):
            return rounds, tracker.best_rounds
    return len(scores), tracker.best_rounds


def test_stops_when_patience_is_used_up():
    rule = StoppingRule(score="mse", patience=3)
    assert run(rule, [1.0, 2.0, 1.5, 1.5, 1.5, 9.0]) == (5, 2)


def test_a_new_best_renews_patience():
    rule = StoppingRule(score="mse", patience=2)
    assert run(rule, [1.0, 0.0, 2.0, 0.0, 0.0, 9.0]) == (5, 3)


def test_of_equal_scores_the_fewest_rounds():
    assert run(StoppingRule(score="mse", patience=2), [1.0, 1.0, 1.0]) == (3, 1)


def test_smoothing_ignores_a_lucky_round():
    rule = StoppingRule(score="rank_ic", patience=10, smoothing_rounds=3)
    lucky_first = [9.0, 0.0, 0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 4.0, 1.0]
    # Means of three: 3, .33, 1, 2, 3, 4, 4.33, 3.33: the best is that of rounds 7 to 9.
    assert run(rule, lucky_first) == (10, 9)


def test_rounds_before_the_first_full_mean_cannot_win():
    rule = StoppingRule(score="rank_ic", patience=5, smoothing_rounds=4)
    assert run(rule, [9.0, 8.0, 7.0]) == (3, 3)
    assert run(rule, [9.0, 8.0, 7.0, 6.0, 5.0])[1] == 4
