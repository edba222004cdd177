"""The rules of the practitioner as one would write them with pandas, session by session."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from benchmarks.backtest_parts.market import Case

STAMP_SELL, TRANSFER, COMMISSION, MINIMUM, SLIPPAGE = 0.001, 0.00001, 0.00025, 5.0, 0.0002
TRANSFER_BEFORE, TRANSFER_CHANGE = 0.00002, pd.Timestamp("2022-04-29")
STAMP_HALVED = pd.Timestamp("2023-08-28")
CAP, IMPACT, LOOK_BACK = 0.1, 0.7, 20
WORTH_RETRYING = 1e-5


class PlainBacktest:
    """Holdings as a Series of shares; a frame of bars for every day."""

    def __init__(self, case: Case, capital: float) -> None:
        bars = case.frames["core.fct_bar_daily"]
        self.days = sorted(bars["trade_date"].unique())
        self.bars = {day: part.set_index("symbol") for day, part in bars.groupby("trade_date")}
        dividends = case.frames["core.fct_dividend"]
        self.dividends = {
            day: part.set_index("symbol") for day, part in dividends.groupby("ex_date")
        }
        self.board = case.frames["core.dim_security"].set_index("symbol")["board"]
        self._precompute(bars)
        self.targets = case.targets
        self.cash, self.capital = capital, capital
        self.shares: pd.Series[float] = pd.Series(dtype=float)

    def _precompute(self, bars: pd.DataFrame) -> None:
        wide = bars.pivot(index="trade_date", columns="symbol")  # noqa: PD010
        moves = wide["adj_close"].pct_change(fill_method=None)
        self.volatility = moves.rolling(LOOK_BACK, min_periods=2).std().shift().fillna(0.03)
        amount = wide["adj_vwap"] / wide["adj_factor"] * wide["volume_shares"]
        mean = amount.rolling(LOOK_BACK, min_periods=1).mean().shift()
        self.usual = mean.fillna(amount)

    def run(self) -> list[float]:
        """Net asset value in units of the capital after every close from the first decision on."""
        first = min(self.targets)
        values = [1.0]
        self._decide(first, self.capital)
        for session in range(first + 1, len(self.days)):
            day = self.days[session]
            self._pass_night(session)
            if len(self.open):
                self._trade(day)
            close = self.bars[day]["adj_close"] / self.bars[day]["adj_factor"]
            nav = self.cash + float((self.shares * close[self.shares.index]).sum())
            values.append(nav / self.capital)
            if session in self.targets:
                self._decide(session, nav)
        return values

    def _decide(self, session: int, nav: float) -> None:
        bars = self.bars[self.days[session]]
        wanted = self.targets[session]
        names = wanted.index.union(self.shares.index)
        price = (bars["adj_close"] / bars["adj_factor"])[names]
        self.price, self.nav = price, nav
        self.open = wanted.reindex(names, fill_value=0.0) * nav / price

    def _pass_night(self, session: int) -> None:
        day = self.days[session]
        if day not in self.dividends:
            return
        listed = self.dividends[day]
        bonus = 1 + listed["bonus_shares_per_share"]
        held = self.shares.index.intersection(listed.index)
        paid = (self.shares[held] * listed["cash_per_share_cny"][held]).sum()
        after = self.shares[held] * bonus[held]
        whole = np.floor(after + 1e-8)
        before = self.bars[self.days[session - 1]]["adj_close"]
        price = (before / self.bars[day]["adj_factor"])[held]
        self.cash += float(paid + ((after - whole) * price).sum())
        self.shares[held] = whole
        wanted = self.open.index.intersection(listed.index)
        self.open[wanted] *= bonus[wanted]
        priced = self.price.index.intersection(listed.index)
        self.price[priced] /= bonus[priced]

    def _trade(self, day: Any) -> None:
        bars = self.bars[day].loc[self.open.index]
        held = self.shares.reindex(self.open.index, fill_value=0.0)
        wanted = self.open - held
        vwap = bars["adj_vwap"] / bars["adj_factor"]
        buying, selling = wanted > 0, wanted < 0
        refused = bars["is_suspended"] | vwap.isna()
        refused |= buying & bars["is_one_price_limit_up"]
        refused |= selling & bars["is_one_price_limit_down"]
        refused |= buying & (vwap - bars["limit_up_price"] > -0.005)
        refused |= selling & (vwap - bars["limit_down_price"] < 0.005)
        cap = CAP * bars["volume_shares"]
        allowed = wanted.mask(refused, 0.0).clip(-cap, cap)
        allowed = self._in_lots(allowed, held)
        vwap = vwap.fillna(0.0)
        sold = allowed.clip(upper=0.0)
        bought = allowed.clip(lower=0.0)
        self.cash -= float((sold * vwap).sum() + self._costs(day, sold, vwap).sum())
        share, full = 1.0, bought
        needed = float((bought * vwap).sum() + self._costs(day, bought, vwap).sum())
        while needed > self.cash + 1e-12 * self.capital:
            share *= self.cash / needed
            bought = self._in_lots(full * share, held)
            needed = float((bought * vwap).sum() + self._costs(day, bought, vwap).sum())
        self.cash -= needed
        after = held + sold + bought
        self.shares = self.shares.drop(after.index, errors="ignore")
        self.shares = pd.concat([self.shares, after[after > 0]]).sort_index()
        left = self.open - after
        worth = (left * self.price[left.index] / self.nav).abs() > WORTH_RETRYING
        self.open = self.open[worth & (self._in_lots(left, after) != 0.0)]

    def _in_lots(self, wanted: pd.Series[float], held: pd.Series[float]) -> pd.Series[float]:
        size = wanted.abs()
        star = self.board[wanted.index] == "STAR"
        lots = np.floor(size / 100 + 1e-10) * 100
        single = np.floor(size + 1e-8).where(size + 1e-8 >= 200, 0.0)
        whole = lots.mask(star, single)
        whole = whole.mask((wanted < 0) & (size >= held), held)
        return whole * np.sign(wanted)

    def _costs(
        self, day: Any, shares: pd.Series[float], vwap: pd.Series[float]
    ) -> pd.Series[float]:
        value = shares.abs() * vwap
        stamp = STAMP_SELL if day < STAMP_HALVED else STAMP_SELL / 2
        transfer = TRANSFER if day >= TRANSFER_CHANGE else TRANSFER_BEFORE
        fees = value * (transfer + SLIPPAGE) + value.mask(shares >= 0, 0.0) * stamp
        fees += (value * COMMISSION).clip(lower=MINIMUM).where(value > 0, 0.0)
        usual = self.usual.loc[day, value.index]
        size = np.sqrt((value / usual).where(usual > 0, 1.0))
        return fees + IMPACT * self.volatility.loc[day, value.index] * size * value
