"""What a run ends with on the terminal, read from the published copy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from market_data.ingest import read_manifest
from optimizer.baselines import PREFIX, TOP_OF
from optimizer.columns import STYLES
from orchestration.lib.model_labels import model_labels
from orchestration.lib.paths import ExperimentPaths
from orchestration.lib.warehouse import query

RUN = "(select run_id from ops.fct_run where is_latest)"
# Models with one bias less are steps of the waterfall: their place is there.
OF_ONE_RULE_SET = """(
            select model from results.dim_model
            where dim_model.rule_set = judged.rule_set
                and dim_model.universe_rule_set = dim_model.rule_set
                and dim_model.label_rule_set = dim_model.rule_set
                and dim_model.purge_rule_set = dim_model.rule_set
        )"""


@dataclass(frozen=True)
class Section:
    """One table of the summary: a title, a query, and how its columns are written.

    Where there are many figures, the terminal shows models by short names: a line per row.
    """

    title: str
    statement: str
    formats: Sequence[str]
    has_short_names: bool = False


SECTIONS = (
    Section(
        "Market",
        """
        select
            (select count(*) from core.dim_security) as securities,
            (select min(trade_date) from core.fct_bar_daily) as first_session,
            (select max(trade_date) from core.fct_bar_daily) as last_session,
            (select count(*) from core.fct_bar_daily) as daily_bars,
            (select count(*) from factors.dim_factor) as factors
        """,
        ("{:,}", "{}", "{}", "{:,}", "{}"),
    ),
    Section(
        "Universe: stocks per week, and training panel",
        """
        select
            universe.rule_set,
            cast(min(universe.stocks) as bigint) as fewest,
            cast(median(universe.stocks) as bigint) as median,
            cast(max(universe.stocks) as bigint) as most,
            any_value(panel.row_count) as panel_rows,
            any_value(panel.first_week) as panel_from
        from (
            select rule_set, week_date, count(*) filter (where in_universe) as stocks
            from core.fct_universe_week
            group by rule_set, week_date
        ) as universe
        inner join (
            select rule_set, count(*) as row_count, min(week_date) as first_week
            from ml.fct_training_panel
            group by rule_set
        ) as panel
            on universe.rule_set = panel.rule_set and universe.week_date >= panel.first_week
        group by universe.rule_set
        order by universe.rule_set desc
        """,
        ("{}", "{:,}", "{:,}", "{:,}", "{:,}", "{}"),
    ),
    Section(
        "Out-of-sample Rank IC per week, return over h weeks (t_nw: Newey-West)",
        f"""
        select
            rule_set,
            model,
            horizon_weeks as h,
            max(value) filter (where statistic = 'mean') as mean,
            max(value) filter (where statistic = 'std') as std,
            max(value) filter (where statistic = 'ir') as ir,
            max(value) filter (where statistic = 't_stat') as t,
            max(value) filter (where statistic = 't_stat_newey_west') as t_nw,
            max(value) filter (where statistic = 'positive')
            + max(value) filter (where statistic = 'negative') as weeks
        from results.mart_rank_ic_statistics as judged
        where run_id = {RUN} and label_kind = 'cumulative' and horizon_weeks in (1, 4)
            and model in {OF_ONE_RULE_SET}
        group by rule_set, model, horizon_weeks
        order by rule_set desc, model, horizon_weeks
        """,
        ("{}", "{}", "{}", "{:.4f}", "{:.3f}", "{:.2f}", "{:.1f}", "{:.1f}", "{:.0f}"),
    ),
    Section(
        "Groups by prediction: mean weekly return of top, bottom, and their spread",
        f"""
        select
            rule_set,
            model,
            avg(group_return) filter (where group_number = top) as top,
            avg(group_return) filter (where group_number = 1) as bottom,
            avg(group_return) filter (where group_number = top)
            - avg(group_return) filter (where group_number = 1) as spread
        from (
            select *, max(group_number) over (partition by run_id) as top
            from results.mart_group_return_week
            where run_id = {RUN}
        ) as judged
        where model in {OF_ONE_RULE_SET}
        group by rule_set, model
        order by rule_set desc, model
        """,
        ("{}", "{}", "{:.3%}", "{:.3%}", "{:.3%}"),
    ),
    Section(
        "Back-tests, per year: of each model those nearest to a band of 0.3 and 100 names, and"
        " without band (alpha: geometric excess over the index; turn: two-way; ra: risk aversion,"
        " te: tracking error); by rule: the index, equal weights, top of a model's forecasts",
        f"""
        select
            rule_set,
            model,
            concat_ws(
                ' ', coalesce(cast(barra_limit as varchar), 'none'),
                format('ra{{:g}}', risk_aversion), format('te{{:g}}', tracking_error_limit)
            ) as barra,
            annualised_return as return,
            annualised_alpha_return as alpha,
            sharpe_ratio as sharpe,
            information_ratio as ir,
            max_drawdown as max_dd,
            annualised_turnover as turn
        from results.mart_backtest_summary
        where run_id = {RUN} and not is_variant
        qualify row_number() over (
            partition by
                rule_set, model, barra_limit is null, risk_aversion is null,
                tracking_error_limit is null
            order by abs(barra_limit - 0.3), abs(num_stock - 100), benchmark desc, scenario_id
        ) = 1
        order by rule_set desc, model, barra_limit nulls last, num_stock, risk_aversion
        """,
        (
            "{}", "{}", "{}", "{:.1%}", "{:.1%}", "{:.2f}", "{:.2f}", "{:.1%}", "{:.1f}",
        ),
        has_short_names=True,
    ),
    Section(
        "Seconds per step of the last attempt",
        f"""
        select step, seconds
        from ops.fct_step
        where run_id = {RUN}
        qualify attempt = max(attempt) over ()
        order by completed_at
        """,
        ("{}", "{:.1f}"),
    ),
)  # fmt: skip


def render_summary(paths: ExperimentPaths) -> Group:
    """Summary of the latest published run of an experiment."""
    parts: list[Any] = []
    for section in SECTIONS:
        result = query(paths.published_database, section.statement)
        parts.append(Text(section.title, style="bold"))
        parts.append(_table(section, result.column_names, result.to_pylist()))
        parts.append(Text(""))
    parts += [Text(line) for line in absences(paths)]
    parts += [Text(line) for line in test_warnings(paths.published_database)]
    parts.append(_where_to_look(paths))
    return Group(*parts)


def absences(paths: ExperimentPaths) -> list[str]:
    """What the source lacks, what that switches off, and how many rows drew a warning."""
    counted = query(
        paths.published_database,
        "select style from risk.fct_style_coverage"
        " group by style having sum(missing_count) < sum(stock_count)",
    )
    present = set(counted.column("style").to_pylist())
    absent_bands = [style for style in STYLES if style not in present]
    lines = []
    if absent_bands:
        lines.append(f"style bands absent: {', '.join(absent_bands)} (need statements)")
    lines += fed_by_indicators(paths.published_database)
    manifest = read_manifest(paths.landing)
    if manifest is None:
        return lines
    if manifest.tables_absent:
        lines.append(f"landing tables absent: {', '.join(manifest.tables_absent)}")
    off = dict.fromkeys(item for table in manifest.tables for item in table.switched_off)
    if off:
        lines.append(f"switched off by what is absent: {'; '.join(off)}")
    if manifest.warnings:
        rows = sum(warning.row_count or 0 for warning in manifest.warnings)
        lines.append(
            f"warnings of the landing contract: {len(manifest.warnings)} kinds, {rows:,} rows"
            " (`ashare validate` on the source lists them)"
        )
    return [*lines, ""]


def fed_by_indicators(database: Path) -> list[str]:
    """Factors that had values while financial_indicators gave the visible quarter; no line if none.

    A factor counts as fed if any share of any week had a value of it in place of statements.
    """
    sources = query(
        database,
        """
        select
            factor,
            coalesce(sum(present_count) filter (where source_table = 'indicators'), 0) as fed_count,
            sum(present_count) as present_count
        from factors.fct_factor_source_week
        inner join factors.dim_factor using (factor)
        group by factor, factor_number
        order by factor_number
        """,
    ).to_pylist()
    fed = [row for row in sources if row["fed_count"]]
    if not fed:
        return []
    share = sum(row["fed_count"] for row in fed) / sum(row["present_count"] for row in fed)
    return [
        f"factors fed by financial_indicators where no statement is public: {len(fed)} of"
        f" {len(sources)} ({share:.1%} of their values): {', '.join(row['factor'] for row in fed)}"
    ]


def test_warnings(database: Path) -> list[str]:
    """Data tests of the last run that warned: the table, the test and the failing rows."""
    rows = query(
        database,
        f"""
        select tested_model, split_part(node, '.', 3) as test_name, failures
        from ops.fct_dbt_result
        where run_id = {RUN} and resource_type = 'test' and status = 'warn'
        order by failures desc, test_name
        """,
    ).to_pylist()
    if not rows:
        return []
    return [
        f"warnings of data tests: {len(rows)} (dbt_project/analyses/checks_that_warned.sql)",
        *(f"  {row['tested_model']}: {row['test_name']}: {row['failures']:,} rows" for row in rows),
        "",
    ]


def _table(section: Section, columns: Sequence[str], rows: Sequence[dict[str, Any]]) -> Table:
    """Table of a section; a leading rule_set column becomes a line above its rows."""
    grouped = columns[0] == "rule_set" and "model" in columns
    padding = (0, 1, 0, 0) if section.has_short_names else (0, 1)
    table = Table(box=None, padding=padding, pad_edge=False)
    names = _short_names(row["model"] for row in rows) if section.has_short_names else {}
    for column, pattern in zip(columns[grouped:], section.formats[grouped:], strict=True):
        is_text = pattern == "{}"
        # Where the terminal is narrow, long model names give way, figures never.
        table.add_column(
            column,
            justify="left" if is_text else "right",
            no_wrap=column != "model",
            overflow="fold",
        )
    group = None
    for row in rows:
        if grouped and row["rule_set"] != group:
            group = row["rule_set"]
            table.add_row(Text(str(group), style="italic"))
        shown = list(zip(section.formats, row.values(), strict=True))[grouped:]
        table.add_row(
            *(
                "" if value is None else pattern.format(names.get(value, value))
                for pattern, value in shown
            )
        )
    return table


def _short_names(models: Iterable[str]) -> dict[str, str]:
    """What tells each model or portfolio by rule from the others in few letters."""
    known = list(models)
    labels = model_labels(model.removeprefix(TOP_OF) for model in known)
    names = {}
    for model in known:
        label = labels[model.removeprefix(TOP_OF)].removeprefix(PREFIX.replace("-", " "))
        names[model] = f"top of {label}" if model.startswith(TOP_OF) else label
    return names


def _pictures(paths: ExperimentPaths) -> str:
    """Names of the figures of the study that the run drew."""
    files = sorted(file.name for file in paths.published_figures.glob("figure_*.*"))
    return ", ".join(["index.html", *files]) if files else "none (`ashare figures` draws them)"


def _where_to_look(paths: ExperimentPaths) -> Panel:
    text = Text()
    text.append("database  ", style="bold")
    text.append(f"{paths.published_database}\n")
    text.append("parquet   ", style="bold")
    text.append(f"{paths.published_tables}\n")
    text.append("report    ", style="bold")
    text.append(f"{paths.report}\n")
    text.append("pictures  ", style="bold")
    text.append(f"{paths.published_figures}: {_pictures(paths)}\n")
    text.append("query     ", style="bold")
    text.append(f'ashare sql "select * from results.mart_backtest_summary" -e {paths.root.name}\n')
    text.append("read      ", style="bold")
    text.append("docs/start_here.md (the tables to start with), dbt_project/analyses (queries)")
    return Panel(text, title="Published", title_align="left", expand=False)
