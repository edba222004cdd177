"""Generated statements with restatements, late filings, gaps and odd figures."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

FLOWS = (
    "revenue",
    "operating_cost",
    "operating_profit",
    "net_profit",
    "parent_net_profit",
    "deducted_net_profit",
    "operating_cash_flow",
    "capital_expenditure",
    "financial_expense",
)
BALANCES = (
    "total_assets",
    "total_liabilities",
    "current_assets",
    "current_liabilities",
    "non_current_liabilities",
    "cash_and_equivalents",
    "inventory",
    "accounts_receivable",
    "interest_bearing_debt",
    "long_term_debt",
    "shareholders_equity",
)
KEYS = ("symbol", "report_period", "announce_date")


def company_statements(symbol: str, seed: int, first_year: int, years: int) -> pd.DataFrame:
    """Statements of one company: whole dyadic numbers, so that no test depends on rounding."""
    rng = np.random.default_rng(seed)
    quarters = pd.period_range(f"{first_year}Q1", periods=4 * years, freq="Q")
    rows = []
    for quarter in quarters:
        rows.append(_first_report(symbol, quarter, rng))
    frame = pd.DataFrame(rows)
    frame[list(FLOWS)] = frame.groupby(quarters.year)[list(FLOWS)].cumsum().astype(float)
    frame = frame[rng.random(len(frame)) > 0.02 * (seed % 3)]
    restated = frame[rng.random(len(frame)) < 0.15].copy()
    restated["announce_date"] += pd.to_timedelta(rng.integers(1, 900, len(restated)), unit="D")
    for item in rng.choice([*FLOWS, *BALANCES], 8, replace=False):
        restated[item] += rng.integers(-500, 500, len(restated))
    both = pd.concat([frame, restated])
    holes = rng.random((len(both), len(FLOWS) + len(BALANCES))) < 0.004
    both[[*FLOWS, *BALANCES]] = both[[*FLOWS, *BALANCES]].mask(holes)
    both["report_period"] = both.report_period.dt.date
    both["announce_date"] = both.announce_date.dt.date
    return both.drop_duplicates(list(KEYS)).sample(frac=1, random_state=seed)


def _first_report(symbol: str, quarter: pd.Period, rng: np.random.Generator) -> dict[str, object]:
    delay = int(rng.integers(15, 120) if rng.random() > 0.05 else rng.integers(120, 500))
    end = quarter.end_time.normalize()
    flows = {item: float(rng.integers(-300, 1000)) for item in FLOWS}
    balances = {item: float(rng.integers(100, 5000)) for item in BALANCES}
    if rng.random() < 0.1:
        balances["shareholders_equity"] = -float(rng.integers(100, 5000))
    if rng.random() < 0.05:
        balances["inventory"] = balances["current_liabilities"] = 0.0
        flows = dict.fromkeys(FLOWS, 0.0)
    announced = end + pd.Timedelta(days=delay)
    return {
        "symbol": symbol, "report_period": end, "announce_date": announced,
        **flows, **balances,
    }  # fmt: skip


def statement_panel(company_count: int, seed: int, first_year: int, years: int) -> pd.DataFrame:
    """Statements of several companies, of which the last fell silent half-way."""
    frames = [
        company_statements(f"{600000 + number}.SH", seed + number, first_year, years)
        for number in range(company_count)
    ]
    cut = dt.date(first_year + years // 2, 6, 30)
    frames[-1] = frames[-1][frames[-1].report_period <= cut]
    return pd.concat(frames, ignore_index=True)


def dividend_panel(symbols: list[str], seed: int, first_year: int, years: int) -> pd.DataFrame:
    """Cash and bonus shares, at most two distributions a year; announce dates partly unknown."""
    rng = np.random.default_rng(seed)
    rows = []
    for symbol in symbols:
        for day in pd.date_range(f"{first_year}-01-05", periods=2 * years, freq="180D"):
            if rng.random() < 0.3:
                continue
            ex_date = (day + pd.Timedelta(days=int(rng.integers(0, 120)))).date()
            early = ex_date - dt.timedelta(days=20)
            rows.append(
                {
                    "symbol": symbol,
                    "ex_date": ex_date,
                    "announce_date": early if rng.random() < 0.5 else None,
                    "cash_per_share": float(rng.integers(0, 3)) / 4,
                    "bonus_shares_per_share": float(rng.integers(0, 3)) / 4,
                }
            )
    return pd.DataFrame(rows)
