"""A validation report for the terminal."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from market_data.validation.report import Fault, Severity, TableState, ValidationReport

WIDTH = 100
_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow"}


def render(report: ValidationReport, *, color: bool = False) -> str:
    """Render a report as text of at most 100 columns.

    Parameters
    ----------
    report
        What `validate_directory` found.
    color
        Whether to write ANSI colours.
    """
    buffer = io.StringIO()
    console = Console(
        file=buffer,
        width=WIDTH,
        force_terminal=color,
        color_system="standard" if color else None,
        highlight=False,
        markup=False,
        emoji=False,
    )
    for fault in report.faults:
        _print_fault(console, fault)
    console.print(_tables(report))
    for line in _absences(report):
        console.print(Padding(Text(line), (0, 0, 0, 2)))
    console.print(_verdict(report))
    return "\n".join(line.rstrip() for line in buffer.getvalue().splitlines())


def _print_fault(console: Console, fault: Fault) -> None:
    parts = [fault.file]
    if fault.column:
        parts.append(f"column{'s' if ',' in fault.column else ''} {fault.column}")
    parts.append(f"rule {fault.rule}")
    if fault.row_count is not None:
        parts.append(f"{fault.row_count:,} row{'' if fault.row_count == 1 else 's'}")
    heading = Text(f"{fault.severity.value.upper():<8}", style=_STYLES[fault.severity])
    console.print(heading + Text(" | ".join(parts), style="bold"))
    lines = [("", fault.problem), ("remedy", fault.remedy)]
    if fault.examples:
        lines[1:1] = [
            ("" if position else "first rows", _example(example))
            for position, example in enumerate(fault.examples)
        ]
    grid = Table.grid(padding=(0, 1))
    grid.add_column(width=10, style="dim")
    grid.add_column(overflow="fold")
    for label, text in lines:
        grid.add_row(label, text)
    console.print(Padding(grid, (0, 0, 1, 8)))


def _example(example: Mapping[str, object]) -> str:
    return "  ".join(f"{name}={_value(value)}" for name, value in example.items())


def _value(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, float):
        return f"{value:.10g}"
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ")
    return str(value)


def _tables(report: ValidationReport) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name, side in (("table", "left"), ("file", "left"), ("rows", "right"), ("", "left")):
        table.add_column(name, justify="right" if side == "right" else "left", overflow="fold")
    for summary in report.tables:
        present = summary.state is TableState.PRESENT
        note = f"not used: {', '.join(summary.columns_dropped)}" if summary.columns_dropped else ""
        table.add_row(
            summary.name,
            summary.file if summary.state is not TableState.ABSENT else "",
            f"{summary.row_count:,}" if present else "",
            note if present else summary.state.value,
        )
    return table


def _absences(report: ValidationReport) -> list[str]:
    lines = []
    for summary in report.tables:
        off = "; ".join(summary.switched_off)
        if summary.state in (TableState.ABSENT, TableState.EMPTY):
            lines.append(f"no {summary.name}: switched off: {off}")
        elif summary.columns_absent:
            columns = ", ".join(summary.columns_absent)
            lines.append(f"no {summary.name}.{columns}" + (f": switched off: {off}" if off else ""))
    return lines


def _verdict(report: ValidationReport) -> Text:
    errors, warnings = len(report.errors), len(report.warnings)
    counted = f"{_counted(errors, 'error')}, {_counted(warnings, 'warning')}"
    if report.ok:
        return Text(f"{report.path}: accepted ({counted})", style="bold green", overflow="fold")
    return Text(f"{report.path}: refused ({counted})", style="bold red", overflow="fold")


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
