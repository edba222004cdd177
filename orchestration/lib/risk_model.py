"""The risk model of an experiment: from marts to the files that dbt reads."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from threadpoolctl import threadpool_limits

from optimizer.columns import TableColumns
from optimizer.risk.forecast import WeekRisk, forecast_risk
from optimizer.risk.history import FactorHistory, explain_returns
from optimizer.risk.panel import RISK_TABLES, RiskPanel
from optimizer.risk.settings import RiskSettings
from orchestration.lib.handoff import write_handoff
from orchestration.lib.risk_output_schemas import RISK_OUTPUT
from orchestration.lib.warehouse import read_only, table_columns
from orchestration.lib.workspace import Workspace

_CONDITIONS = {
    "core.fct_universe_week": "rule_set = 'practitioner'",
    "core.fct_bar_daily": "return_1d is not null",
    "core.dim_week": "is_in_data",
}


def write_risk_model(workspace: Workspace) -> dict[str, int]:
    """Estimate the risk model and hand it over; zero rows where the experiment has no portfolio.

    Returns
    -------
    dict
        File name to number of rows.
    """
    settings = workspace.experiment.risk_settings
    if settings is None:
        tables = {name: schema.empty_table() for name, schema in RISK_OUTPUT.items()}
    else:
        # Matrices of factors by factors: threads would wait for each other, for seconds if busy.
        with threadpool_limits(1):
            tables = _estimated(workspace, settings)
    for name, table in tables.items():
        write_handoff(workspace.paths.risk_output, name, table)
    return {name: table.num_rows for name, table in tables.items()}


def _estimated(workspace: Workspace, settings: RiskSettings) -> dict[str, pa.Table]:
    panel = RiskPanel.from_frames(_read_frames(workspace))
    with workspace.step("factor returns", total=panel.sessions.size) as reporter:
        history = explain_returns(panel, lambda _done, _total: reporter.advance("session"))
    with workspace.step("covariances", total=panel.weeks.size) as reporter:
        weeks = forecast_risk(
            panel, history, settings, lambda _done, _total: reporter.advance("week")
        )
    return risk_tables(panel, history, weeks)


def risk_tables(
    panel: RiskPanel, history: FactorHistory, weeks: list[WeekRisk]
) -> dict[str, pa.Table]:
    """The model as tables, by file name (`RISK_OUTPUT`)."""
    return {
        "factor_return": _factor_returns(panel, history),
        "factor_model_fit": _fits(panel, history),
        "factor_covariance": _covariances(panel, weeks),
        "factor_covariance_fit": _covariance_fits(panel, weeks),
        "specific_risk": _specific_risks(panel, weeks),
    }


def _read_frames(workspace: Workspace) -> dict[str, pa.Table]:
    database = workspace.paths.warehouse
    frames = {}
    with read_only(database, threads=workspace.experiment.resources.threads) as connection:
        for name, columns in RISK_TABLES.items():
            chosen = _present(columns, table_columns(database, *name.split(".")))
            statement = f"select {', '.join(chosen)} from {name}"
            where = _CONDITIONS.get(name, "true")
            frames[name] = connection.sql(f"{statement} where {where}").to_arrow_table()
    return frames


def _present(columns: TableColumns, found: list[str]) -> list[str]:
    return [name for name in (*columns.required, *columns.optional) if name in found]


def _factor_returns(panel: RiskPanel, history: FactorHistory) -> pa.Table:
    session, factor = np.nonzero(np.isfinite(history.returns))
    return _table(
        trade_date=panel.sessions[session],
        factor=_names(panel.factor_names, factor),
        factor_kind=_names(panel.factor_kinds, factor),
        exposure_week_date=panel.weeks[history.week[session]],
        factor_return=history.returns[session, factor],
        t_stat=history.t_stats[session, factor],
        variance_inflation=history.inflation[session, factor],
        capitalisation_share=history.shares[session, factor],
    )


def _fits(panel: RiskPanel, history: FactorHistory) -> pa.Table:
    session = np.flatnonzero(history.week >= 0)
    return _table(
        trade_date=panel.sessions[session],
        exposure_week_date=panel.weeks[history.week[session]],
        stock_count=history.names[session],
        factor_count=history.factors[session],
        r_squared=history.r_squared[session],
        specific_mean_square=history.mean_square[session],
        identity_error=history.identity_error[session],
    )


def _covariances(panel: RiskPanel, weeks: list[WeekRisk]) -> pa.Table:
    if not weeks:
        return RISK_OUTPUT["factor_covariance"].empty_table()
    sizes = [forecast.factors.size for forecast in weeks]
    first = [np.repeat(f.factors, f.factors.size) for f in weeks]
    second = [np.tile(f.factors, f.factors.size) for f in weeks]
    week = np.repeat([forecast.week for forecast in weeks], np.square(sizes))
    return _table(
        week_date=panel.weeks[week],
        factor_1=_names(panel.factor_names, np.concatenate(first)),
        factor_2=_names(panel.factor_names, np.concatenate(second)),
        covariance=np.concatenate([forecast.covariance.ravel() for forecast in weeks]),
    )


def _covariance_fits(panel: RiskPanel, weeks: list[WeekRisk]) -> pa.Table:
    values = [np.linalg.eigvalsh(forecast.covariance) for forecast in weeks]
    return _table(
        week_date=panel.weeks[np.array([forecast.week for forecast in weeks], dtype=np.intp)],
        factor_count=np.array([forecast.factors.size for forecast in weeks], dtype=np.int64),
        session_count=np.array([forecast.sessions for forecast in weeks], dtype=np.int64),
        smallest_eigenvalue=np.array([each[0] for each in values], dtype=np.float64),
        largest_eigenvalue=np.array([each[-1] for each in values], dtype=np.float64),
        factor_multiplier=np.array([f.factor_multiplier for f in weeks], dtype=np.float64),
        specific_multiplier=np.array([f.specific_multiplier for f in weeks], dtype=np.float64),
    )


def _specific_risks(panel: RiskPanel, weeks: list[WeekRisk]) -> pa.Table:
    if not weeks:
        return RISK_OUTPUT["specific_risk"].empty_table()
    week = np.repeat([f.week for f in weeks], [f.names.size for f in weeks])
    return _table(
        symbol=_names(panel.symbols, np.concatenate([f.names for f in weeks])),
        week_date=panel.weeks[week],
        specific_volatility=np.concatenate([f.volatility for f in weeks]),
        own_volatility=np.concatenate([f.own_volatility for f in weeks]),
        residual_count=np.concatenate([f.counts for f in weeks]),
    )


def _names(names: tuple[str, ...], positions: Any) -> pa.Array:
    indices = pa.array(np.asarray(positions), pa.int32())
    return pa.DictionaryArray.from_arrays(indices, pa.array(names, pa.string())).cast(pa.string())


def _table(**columns: Any) -> pa.Table:
    """Columns as Arrow arrays; NaN is NULL."""
    arrays = {
        name: values if isinstance(values, pa.Array) else pa.array(values, from_pandas=True)
        for name, values in columns.items()
    }
    return pa.table(arrays)
