"""Simulated markets of several sizes, and the experiment that builds them up to the panel."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from market_data.contract import LANDING_TABLES
from market_data.simulator import SimulationConfig, simulate
from orchestration.lib.experiment import Experiment, Resources, load_experiment
from orchestration.lib.paths import ExperimentPaths

UPSTREAM = " ".join(f"+path:models/marts/{name}" for name in ("core", "factors", "risk", "ml"))
# Tables that gain rows with every session, and the column that says when.
GROWING = {
    "daily_bars": "trade_date",
    "index_bars": "trade_date",
    "index_weights": "as_of",
    "financial_statements": "announce_date",
    "dividends": "coalesce(announce_date, ex_date)",
    "instruments": "list_date",
    "index_members": "in_date",
    "industry_history": "in_date",
}


@dataclass(frozen=True)
class Market:
    """A market on disk, complete and without its last week.

    Attributes
    ----------
    home
        Directory of the market and of the warehouse built from it.
    share
        Share of the names of the `paper` size.
    """

    home: Path
    share: float

    @property
    def complete(self) -> Path:
        """Landing tables of all weeks."""
        return self.home / "landing"

    @property
    def a_week_before(self) -> Path:
        """The same without the last week."""
        return self.home / "landing_before"

    @property
    def paths(self) -> ExperimentPaths:
        """Where the warehouse is built."""
        return ExperimentPaths(self.home / "warehouse")

    def experiment(self, landing: Path) -> Experiment:
        """The demo's settings on this market, `practitioner` alone, with the benchmark's memory."""
        return load_experiment("demo").model_copy(
            update={
                "source": f"parquet:{landing}",
                "rule_sets": ("practitioner",),
                "resources": Resources(warehouse_memory="7GB"),
            }
        )


def simulated_market(home: Path, share: float) -> Market:
    """A market of the `paper` size's dates with a share of its names; reused where it is there."""
    market = Market(home / f"share_{share:g}", share)
    if not (market.a_week_before / "trade_calendar.parquet").exists():
        preset = SimulationConfig.for_size("paper")
        simulate(
            SimulationConfig.for_size(
                "paper",
                stocks_at_start=round(preset.stocks_at_start * share),
                stocks_at_end=round(preset.stocks_at_end * share),
                index_sizes=tuple(round(size * share) for size in preset.index_sizes),
            ),
            market.complete,
            market.home / "truth",
        )
        _leave_out_last_week(market)
    return market


def _leave_out_last_week(market: Market) -> None:
    market.a_week_before.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(":memory:") as connection:
        (last,) = connection.sql(
            "select max(trade_date) from"
            f" read_parquet('{market.complete}/trade_calendar.parquet')"
            " where is_last_session_of_week and trade_date < (select max(trade_date)"
            f" from read_parquet('{market.complete}/daily_bars.parquet'))"
        ).fetchall()[0]
        # The calendar last: its presence says that the directory is complete.
        for name in sorted(LANDING_TABLES, key=lambda table: table == "trade_calendar"):
            file = market.complete / f"{name}.parquet"
            if not file.exists():
                continue
            where = f" where {GROWING[name]} <= date '{last}'" if name in GROWING else ""
            connection.execute(
                f"copy (select * from read_parquet('{file}'){where})"
                f" to '{market.a_week_before / name}.parquet' (format parquet)"
            )
