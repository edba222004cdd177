"""Predictions that know nothing, under every rule of the practitioner, lose what trading costs."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from tests.properties.test_optimizer_accounting import random_frames, run

SEEDS = range(24)
# The random markets move by 3 % a session, far more than trading costs: a tenth of it here.
CALM = 0.1
PRICES = ("adj_close", "adj_vwap", "limit_up_price", "limit_down_price")


def calm_frames(seed: int) -> dict[str, pd.DataFrame]:
    """The random market with a tenth of its moves, and delisted shares worth their last close."""
    frames = random_frames(seed, "practitioner")
    bars = frames["core.fct_bar_daily"]
    calmed = 10.0 * (bars["adj_close"] / 10.0) ** CALM
    traded = bars["adj_vwap"] / bars["adj_close"]
    by_row = calmed / bars["adj_close"]
    payers = frames["core.fct_dividend"].merge(
        bars.assign(scale=by_row.groupby(bars["symbol"]).shift()),
        left_on=["symbol", "ex_date"],
        right_on=["symbol", "trade_date"],
        how="left",
    )
    frames["core.fct_dividend"]["cash_per_share_cny"] *= payers["scale"].to_numpy()
    for column in ("limit_up_price", "limit_down_price"):
        bars[column] *= by_row * traded ** (CALM - 1.0)
    bars["adj_vwap"] = calmed * traded**CALM
    bars["adj_close"] = calmed
    frames["core.dim_security"]["terminal_value_cny"] = np.nan
    return frames


def test_without_signal_alpha_is_minus_the_costs_within_its_noise() -> None:
    excess, costs, reasons = [], [], set()
    for seed in SEEDS:
        result = run(calm_frames(seed), "practitioner", capital_cny=3e7, cost_rate=0.0002)
        days = result.nav_daily.to_pandas()
        earned = days["nav"].pct_change() - days["benchmark_nav"].pct_change()
        excess.append(earned.sum())
        costs.append((days["cost"] / days["nav"].shift()).sum())
        reasons |= set(result.fill_reason["reason"].to_pylist())
        assert result.benchmark_series == "rebuilt_total_return"
    before_costs = stats.ttest_1samp(np.array(excess) + costs, 0.0)
    after_costs = stats.ttest_1samp(excess, 0.0)
    assert abs(before_costs.statistic) < 3.0
    # The noise is small enough to see the costs.
    assert after_costs.statistic < -5.0
    assert reasons >= {"suspended", "one_price_day", "limit_up", "limit_down", "volume_cap", "lot"}
