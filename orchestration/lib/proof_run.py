"""The proof against look-ahead on a built experiment: dates, cut copies, comparison, report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from orchestration.lib.cut_build import CutBuild
from orchestration.lib.errors import UserError
from orchestration.lib.look_ahead import Proof, prove
from orchestration.lib.look_ahead_models import read_models
from orchestration.lib.look_ahead_rows import TableVerdict
from orchestration.lib.warehouse import query
from orchestration.lib.workspace import Workspace

DEFAULT_DATES = 3


class ProofError(UserError):
    """The proof cannot be made; the message says what is missing."""


def run_proofs(
    workspace: Workspace, dates: Sequence[date], into: Path, *, results: bool
) -> Iterator[Proof]:
    """Build a cut copy for each date and compare it with the experiment as it is built.

    Parameters
    ----------
    workspace
        The experiment; built by this code from these data.
    dates
        Sessions that end a week; none: some that are spread over the test windows.
    into
        Directory of the copies. Each replaces the one before.
    results
        Whether to train and to trade as well.

    Raises
    ------
    ProofError
        If the experiment is not built as it is now, or a date is no week of it.
    """
    _require_built(workspace, results)
    chosen = dates or spread_dates(workspace)
    _require_weeks(workspace, chosen)
    copy = CutBuild(workspace.experiment, workspace.paths.landing, into)
    for at in chosen:
        left_out = copy.build(at, results=results, reporter=workspace.reporter)
        models = read_models(copy.paths.dbt_target / "manifest.json")
        workspace.reporter.start(
            f"compare at {at}", total=sum(m.is_public for m in models.values())
        )
        proof = prove(
            workspace.paths.warehouse,
            copy.paths.warehouse,
            at,
            models,
            run_id=workspace.run_id if results else None,
            not_built=left_out,
            on_table=workspace.reporter.advance,
        )
        workspace.reporter.finish()
        yield proof


def spread_dates(workspace: Workspace) -> list[date]:
    """Weeks a quarter, a half and three quarters through the test windows."""
    forecast = workspace.experiment.forecast
    weeks = [
        row["week_date"]
        for row in query(
            workspace.paths.warehouse,
            "select week_date from core.dim_week where is_in_data and half_year_window"
            f" between '{forecast.first_window}' and '{forecast.last_window}' order by week_date",
        ).to_pylist()
    ]
    steps = range(1, DEFAULT_DATES + 1)
    return [weeks[len(weeks) * step // (DEFAULT_DATES + 1)] for step in steps]


def render_proof(proof: Proof) -> list[str]:
    """The proof of one date as lines of text: a line for each table, more for each fault."""
    lines = [f"known by {proof.at}"]
    for verdict in proof.verdicts:
        lines.append(f"  {verdict.table:<36}{_rows(verdict):>12}  {_verdict(verdict)}")
        if verdict.difference is not None and not verdict.difference.agrees:
            lines += _details(verdict)
    faulty = [verdict.table for verdict in proof.verdicts if not verdict.holds]
    lines.append(
        "  nothing known by then changed with what came after"
        if proof.holds
        else f"  {len(faulty)} tables changed with what came after: {', '.join(faulty)}"
    )
    return lines


def _rows(verdict: TableVerdict) -> str:
    return "" if verdict.difference is None else f"{verdict.difference.row_count:,}"


def _verdict(verdict: TableVerdict) -> str:
    if verdict.fault:
        return f"NOT COMPARABLE: {verdict.fault}"
    if verdict.difference is None:
        return f"left out: {verdict.reason}"
    if verdict.difference.agrees:
        return "equal"
    return f"{verdict.difference.differing:,} ROWS DIFFER"


def _details(verdict: TableVerdict) -> list[str]:
    found = verdict.difference
    assert found is not None
    columns = ", ".join(f"{name} ({count:,})" for name, count in found.columns)
    lines = [
        f"      first to differ: {', '.join(verdict.origins)}",
        f"      in both builds with other values: {columns or 'none'}",
        f"      only in the full build: {found.only_first:,};"
        f" only in the cut one: {found.only_second:,}",
    ]
    return lines + [f"      for instance {example}" for example in found.examples]


def _require_built(workspace: Workspace, results: bool) -> None:
    name = workspace.experiment.name
    if not workspace.upstream_is_current():
        raise ProofError(
            f"the warehouse of {name} is not what this code makes of its source: run"
            f" `ashare run {name}` first"
        )
    if results and not workspace.stages.is_current("results", workspace.run_id):
        raise ProofError(
            f"the results of {name} are not those of the current run: run `ashare run {name}`"
            " first, or prove with --upstream-only"
        )


def _require_weeks(workspace: Workspace, dates: Sequence[date]) -> None:
    known = {
        row["week_date"]
        for row in query(
            workspace.paths.warehouse, "select week_date from core.dim_week where is_in_data"
        ).to_pylist()
    }
    odd = [day.isoformat() for day in dates if day not in known]
    if odd:
        raise ProofError(
            f"{', '.join(odd)}: no last session of a week between {min(known)} and {max(known)}"
        )
