"""What every asset needs to know: the experiment, where it lives, which run this is."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

from market_data.ingest import read_manifest, source_fingerprint
from models_ml.records import TrainingRecord
from orchestration.lib.dbt import content_vars, dbt_vars, project_hash, research_hash, risk_hash
from orchestration.lib.experiment import Experiment, load_experiment
from orchestration.lib.fingerprint import KEY_LENGTH, hash_files, hash_json, hash_package, hash_text
from orchestration.lib.ledger import Ledger, PartitionEvent, RunStarted, StepEvent, now
from orchestration.lib.memory import peak_memory_mb
from orchestration.lib.panel_reading import PanelCache
from orchestration.lib.partition_store import PartitionStore
from orchestration.lib.paths import BUDGETS_DIR, PROJECT_ROOT, SPACES_DIR, ExperimentPaths
from orchestration.lib.progress import Reporter, SilentReporter
from orchestration.lib.scenario_rows import read_rows
from orchestration.lib.stages import StageRecord
from orchestration.lib.warehouse_build import BuildPlan, WarehouseBuild

EXPERIMENT_SUFFIXES = (".yml", ".yaml")
PACKAGES = ("market_data", "models_ml", "optimizer", "orchestration")
FACTOR_RESEARCH_CODE = (
    "models_ml/factor_panel.py",
    "models_ml/metrics/significance.py",
    "models_ml/single_factors.py",
    "orchestration/lib/factor_research.py",
)
RECORDED_VERSIONS = (
    "clarabel", "cvxpy", "dagster", "dbt-core", "dbt-duckdb", "duckdb", "highspy", "lightgbm",
    "numpy", "optuna", "pandas", "pyarrow", "scikit-learn", "scipy", "torch", "xgboost",
)  # fmt: skip


def code_hash() -> str:
    """Hash of the code of all packages, of the dbt project, and of search spaces and budgets."""
    tuning = [file for folder in (SPACES_DIR, BUDGETS_DIR) for file in folder.glob("*.yml")]
    return hash_text(
        *(hash_package(PROJECT_ROOT, package) for package in PACKAGES),
        project_hash(),
        hash_files(PROJECT_ROOT, tuning),
    )


def package_versions() -> dict[str, str]:
    """Installed versions of the libraries that can change a result."""
    return {package: version(package) for package in RECORDED_VERSIONS}


def experiment_paths(name_or_file: str, home: Path | None = None) -> ExperimentPaths:
    """Where an experiment lives, by name or by file; a name needs no file any more.

    Raises
    ------
    ExperimentError
        If a file is named that is missing or no experiment.
    """
    is_file = Path(name_or_file).suffix in EXPERIMENT_SUFFIXES
    return ExperimentPaths.of(load_experiment(name_or_file).name if is_file else name_or_file, home)


@dataclass(frozen=True)
class Workspace:
    """One experiment at work."""

    experiment: Experiment
    paths: ExperimentPaths
    reporter: Reporter = field(default_factory=SilentReporter)

    @classmethod
    def open(
        cls,
        experiment: str,
        *,
        source: str | None = None,
        window: str | None = None,
        home: Path | None = None,
        reporter: Reporter | None = None,
    ) -> Workspace:
        """Workspace of an experiment by name or file, of one window alone if it is given."""
        loaded = load_experiment(experiment).with_source(source).with_window(window)
        paths = ExperimentPaths.of(loaded.name, home)
        loaded = loaded.with_scenarios(read_rows(paths.scenarios))
        return cls(loaded, paths, reporter or SilentReporter())

    @cached_property
    def data_hash(self) -> str:
        """Hash of the raw data, or of all that the simulator makes them from."""
        market = self.experiment.market
        return source_fingerprint(
            self.experiment.source,
            mapping=market.column_mapping,
            table_mapping=market.table_mapping,
        )[:KEY_LENGTH]

    @cached_property
    def code_hash(self) -> str:
        """Hash of the code of all packages and of the dbt project."""
        return code_hash()

    @cached_property
    def run_id(self) -> str:
        """Identity of the run: configuration, input data and code."""
        return hash_text(self.experiment.configuration_hash(), self.data_hash, self.code_hash)[:12]

    def landing_is_current(self) -> bool:
        """Whether the landing directory holds this source, completely."""
        manifest = read_manifest(self.paths.landing)
        return manifest is not None and manifest.source_fingerprint.startswith(self.data_hash)

    def upstream_is_current(self) -> bool:
        """Whether landing and the tables upstream of the forecasters are up to date."""
        return self.landing_is_current() and self.stages.is_current("warehouse", self.warehouse_key)

    def is_current(self) -> bool:
        """Whether every table of the experiment is up to date."""
        return self.upstream_is_current() and self.stages.is_current("results", self.run_id)

    @cached_property
    def warehouse_key(self) -> str:
        """Hash of all that decides the tables upstream of the forecasters."""
        return hash_text(self.data_hash, self.warehouse_project_key)

    @cached_property
    def warehouse_project_key(self) -> str:
        """Hash of the dbt project upstream of the forecasters and of its variables."""
        return hash_text(
            project_hash(include_downstream=False),
            hash_json(dbt_vars(self.experiment, self.paths)),
        )

    @cached_property
    def factor_research_key(self) -> str:
        """Hash of all that decides the judgement of single factors."""
        code = [PROJECT_ROOT / file for file in FACTOR_RESEARCH_CODE]
        return hash_text(self.warehouse_key, research_hash(), hash_files(PROJECT_ROOT, code))

    @cached_property
    def risk_model_key(self) -> str:
        """Hash of all that decides the risk model, or that there is none."""
        settings = self.experiment.risk_settings
        code = [*(PROJECT_ROOT / "optimizer" / "risk").glob("*.py")]
        code.append(PROJECT_ROOT / "orchestration" / "lib" / "risk_model.py")
        return hash_text(
            self.warehouse_key,
            risk_hash(),
            hash_json(None if settings is None else settings.model_dump(mode="json")),
            hash_files(PROJECT_ROOT, code),
        )

    @cached_property
    def canary_key(self) -> str:
        """Hash of all that decides what the canaries of the panel say."""
        forecast = self.experiment.forecast
        return hash_text(
            self.warehouse_key,
            hash_package(PROJECT_ROOT, "models_ml"),
            hash_json([forecast.first_window, forecast.last_window, forecast.embargo_weeks]),
        )

    @cached_property
    def market_tables_key(self) -> str:
        """Hash of all that decides what the tables upstream of the forecasters hold.

        Unlike `warehouse_key` it does not change when an experiment moves to another directory.
        """
        return hash_text(
            self.data_hash,
            project_hash(include_downstream=False),
            hash_json(content_vars(self.experiment)),
        )

    @property
    def warehouse_build(self) -> WarehouseBuild:
        """What the warehouse was last built from."""
        return WarehouseBuild(self.paths.state, self.paths.landing, self.paths.warehouse)

    def plan_warehouse(self) -> BuildPlan:
        """What of the tables upstream of the forecasters has to be built."""
        return self.warehouse_build.plan(self.warehouse_project_key)

    @property
    def stages(self) -> StageRecord:
        """Which stages are up to date."""
        return StageRecord(self.paths.state / "stages.json")

    @property
    def ledger(self) -> Ledger:
        """Journal of the experiment."""
        return Ledger(self.paths.ledger)

    @cached_property
    def panels(self) -> PanelCache:
        """Training panels, each read once."""
        return PanelCache(self.paths.warehouse)

    @cached_property
    def in_training(self) -> dict[str, Future[TrainingRecord]]:
        """Windows that other processes of this run train, by partition key."""
        return {}

    @cached_property
    def prepared(self) -> dict[str, Future[Any]]:
        """What this run derives from the dbt project beside its steps, by name."""
        return {}

    def for_process(self, reporter: Reporter) -> Workspace:
        """The same for another process of the run: the identity known here, nothing open."""
        other = replace(self, reporter=reporter)
        known = {name: getattr(self, name) for name in ("data_hash", "code_hash", "run_id")}
        vars(other).update(known, panels=self.panels.for_process())
        return other

    @property
    def training_windows(self) -> PartitionStore:
        """Completed training windows."""
        return PartitionStore(self.paths.model_output / "partitions")

    @property
    def backtests(self) -> PartitionStore:
        """Completed back-tests."""
        return PartitionStore(self.paths.optimizer_output / "partitions")

    def open_attempt(self) -> int:
        """Number of the attempt under way; one is opened for a run of Dagster's own."""
        number = self.ledger.latest_attempt(self.run_id)
        return number if number > 0 else self.start_attempt()

    def start_attempt(self) -> int:
        """Open a new attempt at this run in the journal."""
        number = self.ledger.next_attempt(self.run_id)
        self.ledger.append(RunStarted(self.run_id, number, now().isoformat(), self.record()))
        return number

    def record(self) -> dict[str, Any]:
        """What must be known to do the run again."""
        return {
            "experiment": self.experiment.name,
            "configuration": self.experiment.model_dump(mode="json"),
            "data_hash": self.data_hash,
            "market_tables_key": self.market_tables_key,
            "code_hash": self.code_hash,
            "versions": package_versions(),
        }

    @contextmanager
    def step(self, name: str, total: int | None = None) -> Iterator[Reporter]:
        """Show and time one step of the run."""
        self.reporter.start(name, total)
        started = time.monotonic()
        yield self.reporter
        self.reporter.finish()
        self.ledger.append(
            StepEvent(
                self.run_id,
                self.open_attempt(),
                name,
                time.monotonic() - started,
                peak_memory_mb(),
                now().isoformat(),
            )
        )

    def partition_done(
        self,
        kind: str,
        key: str,
        label: str,
        *,
        reused: bool,
        seconds: float,
        fit_count: int = 1,
        trial_count: int = 1,
    ) -> None:
        """Write into the journal that a partition is there."""
        self.ledger.append(
            PartitionEvent(
                run_id=self.run_id,
                attempt=self.open_attempt(),
                kind=kind,
                partition_key=key,
                label=label,
                state="reused" if reused else "computed",
                seconds=seconds,
                completed_at=now().isoformat(),
                fit_count=fit_count,
                trial_count=trial_count,
            )
        )
