"""Factors of the user: which names they may have, and the project that is written for them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest
import yaml

from orchestration.lib.dbt import content_vars, project_directory
from orchestration.lib.experiment import Experiment, ExperimentError, load_experiment
from orchestration.lib.factor_catalogue import CATALOGUE, read_catalogue, render_generated
from orchestration.lib.paths import DBT_PROJECT_DIR, PROJECT_ROOT, ExperimentPaths
from orchestration.lib.supplied_factors import name_faults, supplied_factors, write_project
from orchestration.lib.units import raw_factor_unit

TINY = PROJECT_ROOT / "tests" / "fixtures" / "experiments" / "tiny.yml"
NAMES = ("my_value", "my_momentum")
COMPUTED = read_catalogue(DBT_PROJECT_DIR / CATALOGUE)


def _experiment(source: str, factor_set: str = "both", **market: object) -> Experiment:
    tiny = load_experiment(str(TINY)).with_source(source)
    changed = tiny.market.model_copy(update={"factor_set": factor_set, **market})
    return tiny.model_copy(update={"market": changed})


def _supply(directory: Path, **columns: object) -> str:
    directory.mkdir(exist_ok=True)
    keys = {"symbol": ["000001.SZ"], "week_date": [dt.date(2020, 1, 10)]}
    pq.write_table(pa.table({**keys, **columns}), directory / "factor_exposures.parquet")
    return f"parquet:{directory}"


def test_names_are_the_numeric_columns_in_the_order_of_the_file(tmp_path: Path) -> None:
    source = _supply(tmp_path, my_value=[1.0], remark=["mine"], My_Momentum=[2])
    experiment = _experiment(source)
    assert supplied_factors(experiment) == NAMES
    assert content_vars(experiment)["supplied_factors"] == list(NAMES)
    assert supplied_factors(_experiment(source, "computed")) == ()


def test_names_are_those_that_the_mapping_gives(tmp_path: Path) -> None:
    source = _supply(tmp_path, F1=[1.0], F2=[2.0])
    mapping = {"factor_exposures": {"F1": NAMES[0], "F2": NAMES[1]}}
    assert supplied_factors(_experiment(source, column_mapping=mapping)) == NAMES


def test_a_text_file_tells_numbers_by_its_values(tmp_path: Path) -> None:
    table = pa.table({"symbol": ["000001.SZ"], "week_date": ["2020-01-10"]})
    table = table.append_column("my_value", pa.array([1.5])).append_column("remark", [["mine"]])
    pa_csv.write_csv(table, tmp_path / "factor_exposures.csv")
    assert supplied_factors(_experiment(f"parquet:{tmp_path}")) == ("my_value",)


def test_a_simulated_market_supplies_no_factors() -> None:
    with pytest.raises(ExperimentError, match=r"simulated:tiny has none: bring factor_exposures"):
        supplied_factors(_experiment("simulated:tiny"))


def test_a_source_without_the_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ExperimentError, match=r"there is no .*factor_exposures\.parquet: add it"):
        supplied_factors(_experiment(f"parquet:{tmp_path}"))


def test_a_table_without_numbers_is_refused(tmp_path: Path) -> None:
    source = _supply(tmp_path, my_value=["1.0"])
    with pytest.raises(ExperimentError, match=r"no numeric column .*\['my_value'\].*as a number"):
        supplied_factors(_experiment(source))


def test_the_error_names_file_columns_and_remedy(tmp_path: Path) -> None:
    source = _supply(tmp_path, book_to_price=[1.0], **{"my value": [1.0]}, fine=[1.0])
    with pytest.raises(ExperimentError) as caught:
        supplied_factors(_experiment(source))
    text = str(caught.value)
    assert "factor_exposures.parquet" in text
    assert "'book_to_price': the name of a computed factor" in text
    assert "'my value': not in snake_case" in text
    assert "market.column_mapping.factor_exposures" in text
    assert "'fine'" not in text


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("2nd", "snake_case"),
        ("group", "reserved word"),
        ("uses_future", "no factor"),
        ("fwd_my_return", "no factor"),
        ("return_1m_slope", "step of preprocessing"),
        ("log_cap_square", "step of preprocessing"),
    ],
)
def test_names_that_other_columns_have_are_refused(name: str, fault: str) -> None:
    (found,) = name_faults([name])
    assert found.startswith(repr(name))
    assert fault in found


def test_a_name_that_is_a_step_of_another_supplied_one_is_refused() -> None:
    (found,) = name_faults(["my_value", "my_value_median"])
    assert found.startswith("'my_value_median'")


@pytest.mark.parametrize("factor_set", ["both", "supplied"])
def test_the_project_names_the_factors_wherever_the_catalogue_counts(
    tmp_path: Path, factor_set: str
) -> None:
    write_project(tmp_path / "project", factor_set, NAMES, key="of the project")
    catalogue = read_catalogue(tmp_path / "project" / CATALOGUE)
    kept = len(COMPUTED) if factor_set == "both" else 0
    assert catalogue[:kept] == COMPUTED[:kept]
    assert [row.factor for row in catalogue[kept:]] == list(NAMES)
    assert {row.family for row in catalogue[kept:]} == {"supplied"}
    listed = {row.factor for row in (*COMPUTED, *catalogue)}
    for path in render_generated(catalogue):
        text = (tmp_path / "project" / path).read_text(encoding="utf-8")
        if path.suffix == ".yml":
            (model,) = yaml.safe_load(text)["models"]
            columns = [column["name"] for column in model["columns"] if column["name"] in listed]
            assert columns == [row.factor for row in catalogue]
        else:
            # The models of the computed families ask for their columns in either case.
            assert all(f"'{row.factor}': '{row.family}'" in text for row in COMPUTED)


def test_the_project_is_written_again_only_if_something_changed(tmp_path: Path) -> None:
    project = tmp_path / "project"
    write_project(project, "both", NAMES, key="one")
    (project / "mark").touch()
    write_project(project, "both", NAMES, key="one")
    assert (project / "mark").exists()
    write_project(project, "supplied", NAMES, key="one")
    assert not (project / "mark").exists()
    (project / "mark").touch()
    write_project(project, "supplied", NAMES, key="two")
    assert not (project / "mark").exists()


def test_without_supplied_factors_the_project_is_that_of_the_repository(tmp_path: Path) -> None:
    paths = ExperimentPaths(tmp_path / "tiny")
    assert project_directory(_experiment("simulated:tiny", "computed"), paths) == DBT_PROJECT_DIR
    supplied = _experiment(_supply(tmp_path / "raw", my_value=[1.0]))
    assert project_directory(supplied, paths) == paths.dbt_project


def test_the_unit_of_a_supplied_factor_is_not_guessed(tmp_path: Path) -> None:
    write_project(tmp_path, "supplied", ["my_return"], key="")
    (row,) = read_catalogue(tmp_path / CATALOGUE)
    assert raw_factor_unit(row.factor, row.formula) == "as supplied"
