import pytest

from models_ml.rules import StoppingRule, TrainingRules


def test_paper_trains_on_everything_before_the_window():
    rules = TrainingRules.paper()
    assert not rules.requires_known_label
    assert not rules.requires_tradable
    assert not rules.refit
    assert rules.stopping == StoppingRule(score="mse", patience=10)


def test_practitioner_trains_on_what_was_known():
    rules = TrainingRules.practitioner()
    assert rules.requires_known_label
    assert rules.requires_tradable
    assert rules.refit
    assert rules.embargo_weeks == 1
    assert (rules.stopping.score, rules.stopping.patience) == ("rank_ic", 50)


def test_embargo_is_a_setting():
    assert TrainingRules.practitioner(embargo_weeks=0).embargo_weeks == 0


def test_rules_by_name():
    assert TrainingRules.of("paper") == TrainingRules.paper()
    assert TrainingRules.of("practitioner") == TrainingRules.practitioner()
    with pytest.raises(ValueError, match="'naive'"):
        TrainingRules.of("naive")


def test_impossible_rules_are_refused():
    with pytest.raises(ValueError, match="embargo"):
        TrainingRules.practitioner(embargo_weeks=-1)
    with pytest.raises(ValueError, match="at least one round"):
        StoppingRule(score="mse", patience=0)
