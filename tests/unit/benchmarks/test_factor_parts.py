"""Pure functions of the part about factors."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
from twins.bar_panel import bar_panel
from twins.price_factors import price_factors

from benchmarks.warehouse_parts.factors import slowest_statements
from benchmarks.warehouse_parts.features_worker import PANDAS_FACTORS, pandas_factors
from benchmarks.warehouse_parts.process import Usage, median_usage


def test_the_longest_statements_come_first(tmp_path: Path) -> None:
    seconds = {"model.ashare.short": 1.0, "model.ashare.long": 3.0, "model.ashare.middle": 2.0}
    file = tmp_path / "run_results.json"
    results = [{"unique_id": name, "execution_time": time} for name, time in seconds.items()]
    file.write_text(json.dumps({"results": results}))
    assert list(slowest_statements(file, 2).items()) == [("long", 3.0), ("middle", 2.0)]


def test_medians_of_times_and_the_largest_peak() -> None:
    taken = [Usage(3.0, 1.0, 2.0), Usage(1.0, 2.0, 5.0), Usage(2.0, 9.0, 1.0)]
    assert median_usage(taken) == Usage(2.0, 2.0, 5.0)


def test_the_plain_reference_agrees_with_the_textbook() -> None:
    tables = bar_panel(stock_count=2, seed=5)
    market = tables["core.dim_trade_date"].merge(
        tables["intermediate.int_market_return__daily"], on="trade_date"
    )
    market_returns = market.set_index("session_number").market_return
    bars = tables["core.fct_bar_daily"].sort_values(["symbol", "trade_date"])
    bars["adj_high"] = bars.high * bars.adj_factor
    found = pandas_factors(bars)
    for _, stock in bars.groupby("symbol"):
        for end in (30, 130, len(stock)):
            until = stock.iloc[:end]
            with np.errstate(all="ignore"):
                expected = price_factors(until, market_returns)
            row = found.loc[(until.symbol.iloc[-1], until.trade_date.iloc[-1])]
            pd.testing.assert_series_equal(
                row.astype(float),
                pd.Series({name: expected[name] for name in PANDAS_FACTORS}, dtype=float),
                check_names=False,
                rtol=1e-8,
            )
