"""The benchmark builds all factors, and those alone, in a warehouse that is there."""

import json
import shutil
from pathlib import Path

from benchmarks.warehouse_parts.factors import FOLDERS, build_factors
from orchestration.lib.experiment import load_experiment
from orchestration.lib.paths import DBT_PROJECT_DIR, ExperimentPaths

from .conftest import TINY, FinishedRun

INTERMEDIATE = DBT_PROJECT_DIR / "models" / "intermediate"


def test_factors_are_built_again_and_nothing_else(tiny_run: FinishedRun, tmp_path: Path) -> None:
    paths = ExperimentPaths(tmp_path / "tiny")
    paths.create()
    shutil.copy(tiny_run.paths.warehouse, paths.warehouse)
    build_factors(load_experiment(str(TINY)), paths)
    results = json.loads((paths.dbt_target / "run_results.json").read_text())["results"]
    names = {result["unique_id"].rsplit(".", 1)[-1] for result in results}
    models = {file.stem for each in FOLDERS for file in (INTERMEDIATE / each).glob("*.sql")}
    assert names == models - {"int_factor__supplied"} | {"fct_factor_raw"}
    assert {result["status"] for result in results} == {"success"}
