"""Choices that read their own window are what the paper has: the proof leaves out theirs alone."""

import json
from datetime import date
from pathlib import Path

import duckdb
import pytest

from orchestration.lib.look_ahead import prove
from orchestration.lib.look_ahead_models import Model

RELATION = "results.fct_rank_ic_week"
PRIVATE = "intermediate.int_rank_ic__by_week"
GRAIN = ("rule_set", "model", "week_date")
MODELS = {
    RELATION: Model(RELATION, True, GRAIN, (PRIVATE,)),
    PRIVATE: Model(PRIVATE, False, GRAIN, ()),
}
SPECIFIED = {
    "boosting-higher_ic": ("choice", {"by": "out_of_sample_rank_ic"}),
    "boosting-small_difference": ("choice", {"by": "in_out_difference"}),
    "boosting-validation": ("choice", {"by": "validation"}),
    "ridge-mse-expanding": ("ridge", {}),
}


def write_results(path: Path, rule_set: str, **rank_ic: float) -> Path:
    """One week of every model; Rank ICs by model where they are not zero."""
    values = dict.fromkeys(SPECIFIED, 0.0) | rank_ic
    with duckdb.connect(str(path)) as connection:
        connection.sql("create schema results")
        connection.sql(
            "create table results.dim_model"
            " (rule_set varchar, model varchar, library varchar, parameters varchar)"
        )
        connection.sql(
            f"create table {RELATION} (run_id varchar, rule_set varchar, model varchar,"
            " week_date date, rank_ic double, known_at date)"
        )
        for model, (library, parameters) in SPECIFIED.items():
            connection.execute(
                "insert into results.dim_model values (?, ?, ?, ?)",
                [rule_set, model, library, json.dumps(parameters)],
            )
            connection.execute(
                f"insert into {RELATION} values ('r', ?, ?, '2020-01-03', ?, '2020-01-10')",
                [rule_set, model, values[model]],
            )
        connection.sql("create schema intermediate")
        connection.sql(f"create table {PRIVATE} as select * from {RELATION}")
    return path


def holds(tmp_path: Path, model: str, rule_set: str = "paper", *, exempt: bool = True) -> bool:
    full = write_results(tmp_path / "full.duckdb", rule_set)
    cut = write_results(tmp_path / "cut.duckdb", rule_set, **{model: 0.5})
    proof = prove(full, cut, date(2020, 1, 31), MODELS, exempt=exempt, locate=True)
    assert proof.holds == (not proof.private)
    return proof.holds


@pytest.mark.parametrize("model", ["boosting-higher_ic", "boosting-small_difference"])
def test_a_choice_with_foresight_may_take_another_member(tmp_path: Path, model: str) -> None:
    assert holds(tmp_path, model)


def test_it_is_compared_where_nothing_is_exempt(tmp_path: Path) -> None:
    assert not holds(tmp_path, "boosting-higher_ic", exempt=False)


def test_practitioner_rows_are_never_exempt(tmp_path: Path) -> None:
    assert not holds(tmp_path, "boosting-higher_ic", "practitioner")


@pytest.mark.parametrize("model", ["boosting-validation", "ridge-mse-expanding"])
def test_other_models_are_compared(tmp_path: Path, model: str) -> None:
    assert not holds(tmp_path, model)
