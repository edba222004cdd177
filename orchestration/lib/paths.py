"""Where a run lives on disk."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parents[2]
DBT_PROJECT_DIR = PROJECT_ROOT / "dbt_project"
EXPERIMENTS_DIR = PROJECT_ROOT / "experiments"
SPACES_DIR = EXPERIMENTS_DIR / "search_spaces"
BUDGETS_DIR = EXPERIMENTS_DIR / "tuning_budgets"


def ashare_home(override: Path | None = None) -> Path:
    """Directory that holds every experiment: the override, `$ASHARE_HOME`, or `data/`."""
    if override is not None:
        return override.resolve()
    return Path(os.environ.get("ASHARE_HOME", PROJECT_ROOT / "data")).resolve()


@dataclass(frozen=True)
class ExperimentPaths:
    """Every path of one experiment, derived from its directory."""

    root: Path

    @classmethod
    def of(cls, experiment: str, home: Path | None = None) -> ExperimentPaths:
        """Paths of the named experiment below the home directory."""
        return cls(root=ashare_home(home) / experiment)

    @property
    def landing(self) -> Path:
        """Raw tables in the landing contract."""
        return self.root / "landing"

    @property
    def truth(self) -> Path:
        """What only the simulator knows; read by tests and benchmarks, never by a model."""
        return self.root / "truth"

    @property
    def model_output(self) -> Path:
        """Parquet from the forecasters to dbt."""
        return self.root / "model_output"

    @property
    def optimizer_output(self) -> Path:
        """Parquet from the optimiser and the back-test to dbt."""
        return self.root / "optimizer_output"

    @property
    def ops_output(self) -> Path:
        """Parquet about the runs themselves."""
        return self.root / "ops_output"

    @property
    def research_output(self) -> Path:
        """Parquet from the judgement of single factors to dbt."""
        return self.root / "research_output"

    @property
    def risk_output(self) -> Path:
        """Parquet from the risk model to dbt."""
        return self.root / "risk_output"

    @property
    def warehouse(self) -> Path:
        """The database file that dbt alone writes."""
        return self.root / "warehouse.duckdb"

    @property
    def published_database(self) -> Path:
        """The read-only copy that analysts open."""
        return self.root / "published" / "ashare.duckdb"

    @property
    def published_tables(self) -> Path:
        """Parquet copies of the public tables."""
        return self.root / "published" / "tables"

    @property
    def report(self) -> Path:
        """The report of the last run, one page."""
        return self.root / "published" / "report" / "index.html"

    @property
    def published_figures(self) -> Path:
        """The study's figures, one file each, and their page."""
        return self.root / "published" / "figures"

    @property
    def state(self) -> Path:
        """Keys of completed stages and the journal of work done."""
        return self.root / "state"

    @property
    def ledger(self) -> Path:
        """The journal of work done."""
        return self.state / "ledger.jsonl"

    @property
    def scenarios(self) -> Path:
        """Back-tests that queries added to the experiment."""
        return self.root / "scenarios.json"

    @property
    def tuning(self) -> Path:
        """Journals of tunings: every fold of every trial."""
        return self.state / "tuning"

    @property
    def dbt_target(self) -> Path:
        """Dbt's manifest, run results and logs of this experiment."""
        return self.root / "dbt"

    @property
    def dbt_project(self) -> Path:
        """Copy of the dbt project with the factors of the user, where the experiment has any."""
        return self.root / "dbt_project"

    @property
    def logs(self) -> Path:
        """Full logs of tools whose terminal output is condensed."""
        return self.root / "logs"

    @property
    def build_log(self) -> Path:
        """What dbt said while the scheduler built the warehouse, run after run."""
        return self.logs / "dbt_terminal.log"

    @property
    def handoff(self) -> dict[str, Path]:
        """Directories of what Python hands to dbt, by kind."""
        return {
            "model_output": self.model_output,
            "optimizer_output": self.optimizer_output,
            "ops_output": self.ops_output,
            "research_output": self.research_output,
            "risk_output": self.risk_output,
        }

    def create(self) -> None:
        """Create every directory a run writes to."""
        for path in (
            self.landing,
            self.truth,
            *self.handoff.values(),
            self.published_tables,
            self.state,
            self.dbt_target,
            self.logs,
        ):
            path.mkdir(parents=True, exist_ok=True)


def experiments_below(home: Path) -> list[ExperimentPaths]:
    """Experiments of a home directory that were ever run, by name."""
    return [ExperimentPaths(file.parents[1]) for file in sorted(home.glob("*/state/ledger.jsonl"))]
