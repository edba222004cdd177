"""How dbt is called: variables, environment, arguments, manifest."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from market_data.source_spec import SimulatedSource, parse_source
from orchestration.lib.errors import UserError
from orchestration.lib.experiment import Experiment
from orchestration.lib.fingerprint import hash_files, hash_text
from orchestration.lib.paths import DBT_PROJECT_DIR, ExperimentPaths
from orchestration.lib.supplied_factors import supplied_factors, write_project

RUN_RESULTS = "run_results.json"
# Models alone: a test asks the database for columns while it is compiled.
COMPILE = (
    "compile", "--no-introspect", "--no-populate-cache", "--quiet", "--indirect-selection", "empty",
    "--select", "resource_type:model",
)  # fmt: skip
DBT_SOURCE_SUFFIXES = {".sql", ".yml", ".csv", ".md"}
# Single factors judged: built after the panel, before and without the forecasters.
RESEARCH_FOLDERS = (
    "models/staging/research_output",
    "models/intermediate/factor_research",
    "models/marts/results/factor_research",
)
# The risk model: built after the panel, before any portfolio, where a scenario needs it.
RISK_FOLDERS = (
    "models/staging/risk_output",
    "models/intermediate/risk",
    "models/marts/risk/factor_model",
    "tests/risk_model",
)
# What may change without a change of any table upstream of the forecasters.
DOWNSTREAM_FOLDERS = (
    *RESEARCH_FOLDERS,
    *RISK_FOLDERS,
    "models/staging/model_output",
    "models/staging/optimizer_output",
    "models/staging/ops_output",
    "models/intermediate/forecast",
    "models/intermediate/portfolio",
    "models/intermediate/portfolio_risk",
    "models/intermediate/comparison",
    "models/intermediate/overfitting",
    "models/intermediate/claims",
    "models/marts/results",
    "models/marts/ops",
    "tests/portfolio_risk",
    "tests/results",
    "tests/ops",
    "seeds/paper",
    "analyses",
)


class DbtError(UserError):
    """dbt failed; the message names the models or tests and the log to read."""


def dbt_vars(experiment: Experiment, paths: ExperimentPaths) -> dict[str, Any]:
    """Project variables, derived from the experiment and its paths."""
    return {
        "landing_dir": str(paths.landing),
        "model_output_dir": str(paths.model_output),
        "optimizer_output_dir": str(paths.optimizer_output),
        "ops_output_dir": str(paths.ops_output),
        "research_output_dir": str(paths.research_output),
        "risk_output_dir": str(paths.risk_output),
        **content_vars(experiment),
    }


def content_vars(experiment: Experiment) -> dict[str, Any]:
    """Project variables that decide what the tables hold, wherever they lie."""
    return {
        "rule_sets": list(experiment.rule_sets),
        "industry_scheme": experiment.market.industry_scheme,
        "market_return": experiment.market.market_return,
        "universe_index": experiment.market.universe_index,
        "minimum_listed_sessions": experiment.market.minimum_listed_sessions,
        "group_count": experiment.forecast.group_count,
        "source_is_simulated": isinstance(parse_source(experiment.source), SimulatedSource),
        "factor_set": experiment.market.factor_set,
        "supplied_factors": list(supplied_factors(experiment)),
    }


def project_directory(experiment: Experiment, paths: ExperimentPaths) -> Path:
    """The dbt project: that of the repository, or the experiment's copy with its own factors."""
    if experiment.market.factor_set == "computed":
        return DBT_PROJECT_DIR
    names = supplied_factors(experiment)
    factor_set = experiment.market.factor_set
    write_project(paths.dbt_project, factor_set, names, key=project_hash())
    return paths.dbt_project


def dbt_environment(experiment: Experiment, paths: ExperimentPaths) -> dict[str, str]:
    """Environment variables that profiles.yml reads."""
    return {
        "ASHARE_DBT_TARGET": "warehouse",
        "ASHARE_WAREHOUSE": str(paths.warehouse),
        "ASHARE_THREADS": str(experiment.resources.threads),
        "ASHARE_MEMORY_LIMIT": experiment.resources.warehouse_memory,
        "DBT_LOG_PATH": str(paths.logs),
    }


def vars_argument(variables: Mapping[str, Any]) -> list[str]:
    """`--vars` with a stable text, so that dbt can parse partially."""
    return ["--vars", json.dumps(dict(variables), sort_keys=True)]


def build_arguments(variables: Mapping[str, Any]) -> list[str]:
    """Arguments of `dbt build` as the scheduler calls it.

    Unit tests belong to the test suite: the scheduler's integration drops their results. A test
    that reads several models runs with the last of them.
    """
    return [
        "build",
        "--exclude-resource-type",
        "unit_test",
        "--indirect-selection",
        "buildable",
        *vars_argument(variables),
    ]


def project_files(include_downstream: bool = True) -> list[Path]:
    """Source files of the dbt project, in a stable order."""
    ignored = [DBT_PROJECT_DIR / "target", DBT_PROJECT_DIR / "logs"]
    if not include_downstream:
        ignored += [DBT_PROJECT_DIR / folder for folder in DOWNSTREAM_FOLDERS]
    return sorted(
        file
        for file in DBT_PROJECT_DIR.rglob("*")
        if file.suffix in DBT_SOURCE_SUFFIXES
        and not any(file.is_relative_to(folder) for folder in ignored)
    )


def project_hash(include_downstream: bool = True) -> str:
    """Hash of the dbt project, or of the part upstream of the forecasters."""
    return hash_files(DBT_PROJECT_DIR, project_files(include_downstream))


def research_hash() -> str:
    """Hash of the part of the dbt project that judges single factors."""
    return _folders_hash(RESEARCH_FOLDERS)


def risk_hash() -> str:
    """Hash of the part of the dbt project that holds the risk model."""
    return _folders_hash(RISK_FOLDERS)


def _folders_hash(names: Sequence[str]) -> str:
    folders = [DBT_PROJECT_DIR / folder for folder in names]
    files = [
        file for file in project_files() if any(file.is_relative_to(folder) for folder in folders)
    ]
    return hash_files(DBT_PROJECT_DIR, files)


def run_dbt(
    arguments: Sequence[str],
    experiment: Experiment,
    paths: ExperimentPaths,
    environment: Mapping[str, str] | None = None,
) -> str:
    """Run dbt in a process of its own and return its output.

    Parameters
    ----------
    environment
        Variables beyond those of the experiment (`BuildPlan.environment`).

    Raises
    ------
    DbtError
        With the last lines of the output.
    """
    command = [
        sys.executable,
        "-m",
        "dbt.cli.main",
        *arguments,
        "--project-dir",
        str(project_directory(experiment, paths)),
        "--profiles-dir",
        str(DBT_PROJECT_DIR),
        "--target-path",
        str(paths.dbt_target),
    ]
    finished = subprocess.run(
        command,
        env={
            **os.environ,
            **dbt_environment(experiment, paths),
            **(environment or {}),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode != 0:
        tail = "\n".join((finished.stdout + finished.stderr).splitlines()[-40:])
        raise DbtError(f"dbt {arguments[0]} failed:\n{tail}\nfull log: {paths.logs / 'dbt.log'}")
    return finished.stdout


def ensure_manifest(experiment: Experiment, paths: ExperimentPaths) -> Path:
    """Manifest of the project with this experiment's variables, compiled only if out of date.

    Beside it lies the compiled SQL of every model. The warehouse is not opened.
    """
    variables = dbt_vars(experiment, paths)
    manifest = paths.dbt_target / "manifest.json"
    key_file = paths.dbt_target / "manifest_key"
    key = hash_text(project_hash(), *vars_argument(variables))
    if _is_whole(manifest) and key_file.exists() and key_file.read_text() == key:
        return manifest
    paths.create()
    run_dbt([*COMPILE, *vars_argument(variables)], experiment, paths)
    key_file.write_text(key)
    return manifest


def _is_whole(manifest: Path) -> bool:
    """Every invocation of dbt writes the manifest anew: one that was killed leaves half of it."""
    try:
        json.loads(manifest.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return False
    return True


def forget_run_results(target: Path, step: str) -> None:
    """Before an invocation: those of an earlier one are not to be taken for its own."""
    (target / RUN_RESULTS).unlink(missing_ok=True)
    _kept_results(target, step).unlink(missing_ok=True)


def keep_run_results(target: Path, step: str) -> bool:
    """Keep the results of an invocation under the name of its step: the next overwrites them.

    False if there are none, because it stopped before its first model.
    """
    kept = _kept_results(target, step)
    kept.parent.mkdir(exist_ok=True)
    try:
        shutil.copyfile(target / RUN_RESULTS, kept)
    except FileNotFoundError:
        return False
    return True


def _kept_results(target: Path, step: str) -> Path:
    return target / "run_results" / f"{step}.json"


def write_documentation(experiment: Experiment, paths: ExperimentPaths) -> Path:
    """Data dictionary and lineage of the built warehouse as one HTML page."""
    variables = vars_argument(dbt_vars(experiment, paths))
    run_dbt(["docs", "generate", "--static", *variables], experiment, paths)
    return paths.dbt_target / "static_index.html"
