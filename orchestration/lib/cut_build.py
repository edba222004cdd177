"""A warehouse built from landing tables cut at a day."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from market_data.cut import cut_landing
from orchestration.lib.dbt import dbt_vars, run_dbt, vars_argument
from orchestration.lib.experiment import Experiment
from orchestration.lib.factor_research import write_factor_judgement, write_factor_p_values
from orchestration.lib.forecasting import (
    complete_partition,
    write_forecasts,
    write_rank_ic_judgement,
)
from orchestration.lib.handoff import empty_handoff_files
from orchestration.lib.panel_build import build_panel
from orchestration.lib.paths import ExperimentPaths
from orchestration.lib.portfolio import run_scenarios, write_portfolios
from orchestration.lib.progress import Reporter, SilentReporter
from orchestration.lib.risk_model import write_risk_model
from orchestration.lib.window_plan import plan_windows
from orchestration.lib.workspace import Workspace

UPSTREAM = ("core", "factors", "risk", "ml")
DOWNSTREAM = ("results", "ops")
_UPSTREAM_MODELS = " ".join(f"+path:models/marts/{schema}" for schema in UPSTREAM)
_FORECAST_MODELS = (
    "path:models/staging/model_output path:models/intermediate/forecast"
    " fct_prediction fct_training_window"
)
_RETURN_MODELS = "int_panel_return__led int_panel_return__weekly int_panel_return__dated"
_RESEARCH_MODELS = "path:models/staging/research_output path:models/intermediate/factor_research"
_RISK_MODELS = (
    "path:models/staging/risk_output path:models/intermediate/risk"
    " path:models/marts/risk/factor_model"
)
_RESULT_MODELS = (
    "path:models/staging/model_output path:models/staging/optimizer_output"
    " path:models/staging/ops_output path:models/intermediate/portfolio"
    " path:models/intermediate/portfolio_risk"
    " path:models/intermediate/comparison path:models/intermediate/overfitting"
    " path:models/intermediate/claims"
    " path:models/marts/results path:models/marts/ops"
)


@dataclass(frozen=True)
class CutBuild:
    """A place in which one cut copy after the other is built.

    Attributes
    ----------
    experiment
        The experiment of the full build.
    landing
        Landing tables of the full build.
    root
        Directory of the copies. The next copy replaces the one before; what dbt has parsed stays.
    """

    experiment: Experiment
    landing: Path
    root: Path

    @property
    def paths(self) -> ExperimentPaths:
        """Where the copy is built."""
        return ExperimentPaths(self.root / "build")

    def build(
        self, at: date, *, results: bool, reporter: Reporter | None = None
    ) -> tuple[str, ...]:
        """Cut the landing tables, build everything upstream of the models from them, and train.

        Parameters
        ----------
        at
            The last day that is known.
        results
            Whether to train, to optimise and to trade as well. Left out where no test window
            has begun by then.

        Returns
        -------
        tuple of str
            Schemas that were left out.
        """
        reporter = reporter or SilentReporter()
        self._clear()
        cut = self._experiment(at)
        reporter.start(f"build cut at {at}")
        cut_landing(self.landing, self.root / "raw", at)
        build_panel(cut, self.paths, _UPSTREAM_MODELS)
        reporter.finish()
        workspace = Workspace(cut, self.paths, reporter)
        _estimate_risk(workspace)
        if not results or cut.forecast.first_window > half_year(at):
            return DOWNSTREAM
        _build_results(workspace)
        return ()

    def _experiment(self, at: date) -> Experiment:
        """The experiment on the cut tables, with the windows that had begun."""
        forecast = self.experiment.forecast
        windows = forecast.model_copy(
            update={"last_window": min(forecast.last_window, half_year(at))}
        )
        # The landing tables have the contract's names already.
        market = self.experiment.market.model_copy(
            update={"column_mapping": {}, "table_mapping": {}}
        )
        return self.experiment.with_source(f"parquet:{self.root / 'raw'}").model_copy(
            update={"forecast": windows, "market": market}
        )

    def _clear(self) -> None:
        keep = self.paths.dbt_target
        for place in (self.root / "raw", *(self.paths.root.glob("*"))):
            if place == keep:
                continue
            if place.is_dir():
                shutil.rmtree(place)
            else:
                place.unlink(missing_ok=True)


def half_year(day: date) -> str:
    """Test window that a day lies in, such as 2021H1."""
    return f"{day.year}H{1 if day.month <= 6 else 2}"


def _judge_factors(workspace: Workspace, variables: list[str]) -> None:
    def build(models: str) -> None:
        run_dbt(["run", "--select", models, *variables], workspace.experiment, workspace.paths)

    with workspace.step("single factors"):
        build(_RETURN_MODELS)
        write_factor_judgement(workspace)
        build(_RESEARCH_MODELS)
        write_factor_p_values(workspace)


def _estimate_risk(workspace: Workspace) -> None:
    paths = workspace.paths
    write_risk_model(workspace)
    variables = vars_argument(dbt_vars(workspace.experiment, paths))
    run_dbt(["run", "--select", _RISK_MODELS, *variables], workspace.experiment, paths)


def _build_results(workspace: Workspace) -> None:
    paths = workspace.paths
    variables = vars_argument(dbt_vars(workspace.experiment, paths))
    workspace.start_attempt()
    empty_handoff_files(paths.handoff)
    _judge_factors(workspace, variables)
    windows = plan_windows(workspace)
    with workspace.step("training windows", total=len(windows)) as reporter:
        for window in windows:
            complete_partition(workspace, window)
            reporter.advance(window.label)
    workspace.panels.clear()
    write_forecasts(workspace)
    with workspace.step("judge forecasts"):
        run_dbt(["run", "--select", _FORECAST_MODELS, *variables], workspace.experiment, paths)
        write_rank_ic_judgement(workspace)
    write_portfolios(workspace, run_scenarios(workspace))
    with workspace.step("results"):
        run_dbt(["run", "--select", _RESULT_MODELS, *variables], workspace.experiment, paths)
