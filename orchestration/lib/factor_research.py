"""Single factors: cross-sections out of the warehouse, their judgement back to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import duckdb
import numpy as np
import pyarrow as pa

from models_ml.arrays import Floats
from models_ml.factor_panel import (
    CrossSection,
    FactorJudge,
    autocorrelation_table,
    correlation_table,
    rank_ic_table,
)
from models_ml.metrics.significance import normal_p_value, student_p_value
from orchestration.lib.handoff import write_handoff
from orchestration.lib.research_output_schemas import RESEARCH_OUTPUT
from orchestration.lib.warehouse import query, read_only
from orchestration.lib.workspace import Workspace

P_VALUES = "factor_p_value"
JUDGEMENTS = ("factor_rank_ic_week", "factor_autocorrelation_week", "factor_correlation_year")
RETURNS = tuple(f"fwd_return_{week}w" for week in range(1, 9))
STAGES = ("processed", "raw")


def write_factor_judgement(workspace: Workspace) -> dict[str, int]:
    """Judge every factor in every week of the panel and land the result.

    Returns
    -------
    dict
        File name to number of rows.
    """
    with (
        read_only(workspace.paths.warehouse) as connection,
        # Sorting and multiplying arrays leave the interpreter free for the other rule set.
        ThreadPoolExecutor(workspace.experiment.resources.threads) as pool,
    ):
        judged = pool.map(
            lambda rule_set: judged_rule_set(connection.cursor(), rule_set),
            workspace.experiment.rule_sets,
        )
        parts = list(judged)
    joined = {name: pa.concat_tables(part[name] for part in parts) for name in JUDGEMENTS}
    for name, table in joined.items():
        write_handoff(workspace.paths.research_output, name, table)
    return {name: table.num_rows for name, table in joined.items()}


def judged_rule_set(connection: duckdb.DuckDBPyConnection, rule_set: str) -> dict[str, pa.Table]:
    """Rows of every file for one rule set."""
    factors = _column(connection, "select factor from factors.dim_factor order by factor_number")
    judge = FactorJudge(correlated_stage="processed")
    for week in cross_sections(connection, rule_set, factors):
        judge.judge(week)
    made = (
        rank_ic_table(judge.weeks, factors),
        autocorrelation_table(judge.weeks, factors),
        correlation_table(judge.yearly_correlations(), factors),
    )
    return {
        name: table.append_column("rule_set", pa.repeat(rule_set, table.num_rows))
        for name, table in zip(JUDGEMENTS, made, strict=True)
    }


def cross_sections(
    connection: duckdb.DuckDBPyConnection, rule_set: str, factors: Sequence[str]
) -> Iterator[CrossSection]:
    """Weeks of a rule set in time order, read a year at a time."""
    years = _column(
        connection,
        "select distinct year(week_date) as trade_year from intermediate.int_panel_return__weekly"
        f" where rule_set = '{rule_set}' order by trade_year",
    )
    for year in years:
        table = connection.sql(_year_statement(rule_set, int(year), factors)).to_arrow_table()
        week_numbers = table.column("week_number").to_numpy()
        starts = np.flatnonzero(np.diff(week_numbers, prepend=-1))
        for start, end in zip(starts, [*starts[1:], len(week_numbers)], strict=True):
            yield _cross_section(table.slice(start, end - start), factors)


def _cross_section(week: pa.Table, factors: Sequence[str]) -> CrossSection:
    def matrix(names: Sequence[str]) -> Floats:
        return np.stack([_floats(week, name) for name in names])

    return CrossSection(
        week.column("week_date")[0].as_py(),
        week.column("week_number")[0].as_py(),
        week.column("symbol").to_numpy(),
        {stage: matrix([f"{stage}_{name}" for name in factors]) for stage in STAGES},
        matrix(RETURNS),
    )


def write_factor_p_values(workspace: Workspace) -> int:
    """Land the p-values of every factor's mean Rank IC; the number of rows."""
    statistics = query(
        workspace.paths.warehouse, "select * from intermediate.int_research_rank_ic__summarised"
    )
    table = factor_p_values(statistics)
    write_handoff(workspace.paths.research_output, P_VALUES, table)
    return len(table)


def factor_p_values(statistics: pa.Table) -> pa.Table:
    """P-values beside their keys.

    Parameters
    ----------
    statistics
        rule_set, factor, stage, horizon_weeks, as_of_year, week_count, t_stat, t_stat_newey_west;
        NULL = not defined.

    Returns
    -------
    pyarrow.Table
        Columns of the hand-off file, rows as given; NULL where the statistic is.
    """
    schema = RESEARCH_OUTPUT[P_VALUES]
    t_stat, count = _floats(statistics, "t_stat"), _floats(statistics, "week_count")
    p_values = (
        student_p_value(t_stat, count),
        normal_p_value(_floats(statistics, "t_stat_newey_west")),
    )
    columns = [statistics.column(key) for key in schema.names[:-2]]
    columns += [pa.array(values, from_pandas=True) for values in p_values]
    return pa.table(columns, names=schema.names)


def _year_statement(rule_set: str, year: int, factors: Sequence[str]) -> str:
    processed = ", ".join(f'panel."{name}" as "processed_{name}"' for name in factors)
    raw = ", ".join(f'raw."{name}" as "raw_{name}"' for name in factors)
    returns = ", ".join(f"labelled.{name}" for name in RETURNS)
    return (
        "select labelled.symbol, labelled.week_date, weeks.week_number,"
        f" {returns}, {processed}, {raw}"
        " from intermediate.int_panel_return__weekly as labelled"
        " inner join ml.fct_training_panel as panel using (rule_set, symbol, week_date)"
        " inner join factors.fct_factor_raw as raw using (symbol, week_date)"
        " inner join core.dim_week as weeks using (week_date)"
        f" where labelled.rule_set = '{rule_set}' and year(labelled.week_date) = {year}"
        " order by weeks.week_number, labelled.symbol"
    )


def _column(connection: duckdb.DuckDBPyConnection, statement: str) -> list[str]:
    return [row[0] for row in connection.sql(statement).fetchall()]


def _floats(table: pa.Table, name: str) -> Floats:
    """A column as floats of its own width, NaN for NULL."""
    column = table.column(name)
    if not pa.types.is_floating(column.type):
        column = column.cast(pa.float64())
    values: Floats = column.to_numpy()
    return values
