"""Our factors of prices and volumes as expressions of qlib, where both can say the same.

Fields are adjusted: `$open` .. `$vwap` times the factor, `$volume` divided by it. Left out are the
factors that need a market return, an exponential average truncated at 60 sessions, statements, or
the price limits of the day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

RETURN = "($close/Ref($close,1)-1)"
GAP = "Log($open/Ref($close,1))"
CHANGE = "($close-Ref($close,1))"
FLOW = "If(Gt($high,$low),$amount*(2*$close-$high-$low)/($high-$low),0)"


@dataclass(frozen=True)
class Feature:
    """One factor.

    Attributes
    ----------
    expression
        In qlib's language.
    sessions
        Sessions up to week_date that the value reads, the base of its first return included.
    size
        Typical size of the value where it may lie near zero: what a difference is relative to.
        0: the value itself.
    """

    expression: str
    sessions: int
    size: float = 0.0


def _returns() -> dict[str, Feature]:
    months = {"1w": 5, "1m": 20, "2m": 40, "3m": 60, "6m": 120, "12m": 240}
    found = {
        f"return_{name}": Feature(f"$close/Ref($close,{n})-1", n + 1, 1.0)
        for name, n in months.items()
    }
    skipped = {
        "momentum_6m_skip_1m": (20, 120),
        "momentum_12m_skip_1m": (20, 240),
        "same_month_return_last_year": (240, 260),
    }
    for name, (last, first) in skipped.items():
        expression = f"Ref($close,{last})/Ref($close,{first})-1"
        found[name] = Feature(expression, first + 1, 1.0)
    for name, n in {"1m": 20, "3m": 60, "6m": 120}.items():
        expression = f"Sum({RETURN}*$turnover,{n})/Sum($turnover,{n})"
        found[f"turnover_weighted_return_{name}"] = Feature(expression, n + 1, 0.01)
    found["overnight_return_1m"] = Feature(f"Sum({GAP},20)", 21, 1.0)
    found["intraday_return_1m"] = Feature("Sum(Log($close/$open),20)", 20, 1.0)
    return found


def _volatility() -> dict[str, Feature]:
    found = {
        f"volatility_{name}": Feature(f"Std({RETURN},{n})", n + 1)
        for name, n in {"1m": 20, "3m": 60, "6m": 120, "12m": 240}.items()
    }
    found |= {
        f"high_low_range_{name}": Feature(f"Mean(Log($high/$low),{n})", n)
        for name, n in {"1m": 20, "3m": 60}.items()
    }
    squares = f"Sum(Power(Less({RETURN},0),2),60)"
    return found | {
        "downside_volatility_3m": Feature(f"Power({squares}/Count($close,60),0.5)", 61),
        "max_daily_return_1m": Feature(f"Max({RETURN},20)", 21, 0.01),
        "min_daily_return_1m": Feature(f"Min({RETURN},20)", 21, 0.01),
        "return_skewness_3m": Feature(f"Skew({RETURN},60)", 61, 1.0),
        "return_kurtosis_3m": Feature(f"Kurt({RETURN},60)", 61, 1.0),
        "volatility_change_1m_12m": Feature(f"Std({RETURN},20)/Std({RETURN},240)-1", 241, 1.0),
    }


def _liquidity() -> dict[str, Feature]:
    found = {
        f"turnover_{name}": Feature(f"Mean($turnover,{n})", n)
        for name, n in {"1w": 5, "1m": 20, "3m": 60, "6m": 120, "12m": 240}.items()
    }
    for name, n in {"1m": 20, "3m": 60}.items():
        expression = f"Mean($turnover,{n})/Mean($turnover,480)-1"
        found[f"turnover_bias_{name}_24m"] = Feature(expression, 480, 1.0)
    for name, n in {"1m": 20, "3m": 60, "12m": 240}.items():
        found[f"turnover_volatility_{name}"] = Feature(f"Std($turnover,{n})", n)
        expression = f"Mean(Abs({RETURN})/$amount,{n})"
        found[f"amihud_illiquidity_{name}"] = Feature(expression, n + 1)
    return found | {
        "turnover_skewness_1m": Feature("Skew($turnover,20)", 20, 1.0),
        "log_amount_1m": Feature("Log(Mean($amount,20))", 20),
        "amount_variation_1m": Feature("Std($amount,20)/Mean($amount,20)", 20),
        "volume_change_1w_3m": Feature("Mean($volume,5)/Mean($volume,60)-1", 60, 1.0),
    }


def _price_volume() -> dict[str, Feature]:
    found = {
        f"return_volume_correlation_{name}": Feature(f"Corr({RETURN},Log($volume),{n})", n + 1, 1.0)
        for name, n in {"1m": 20, "3m": 60}.items()
    }
    mean_price = "(Sum($amount,20)/Sum($volume,20))"
    return found | {
        "price_volume_correlation_1m": Feature("Corr($close,$volume,20)", 20, 1.0),
        "return_turnover_change_correlation_1m": Feature(
            f"Corr({RETURN},$turnover-Ref($turnover,1),20)", 21, 1.0
        ),
        "vwap_to_close_1w": Feature("Mean($vwap/$close-1,5)", 5, 1.0),
        "vwap_deviation_1m": Feature(f"$close/{mean_price}-1", 20, 1.0),
        "money_flow_1m": Feature(f"Sum({FLOW},20)/Sum($amount,20)", 20, 1.0),
        "up_volume_share_1m": Feature(
            f"Sum(If(Gt({RETURN},0),$volume,0),20)/Sum($volume,20)", 21, 1.0
        ),
        "signed_volume_imbalance_1w": Feature(
            f"Sum(Sign({RETURN})*$volume,5)/Sum($volume,5)", 6, 1.0
        ),
        "open_gap_volatility_1m": Feature(f"Std({GAP},20)", 21),
    }


def _technical() -> dict[str, Feature]:
    span = "(Max($high,9)-Min($low,9))"
    rises = f"Sum(Greater({CHANGE},0),14)"
    return {
        "bias_1m": Feature("$close/Mean($close,20)-1", 20, 1.0),
        "bias_3m": Feature("$close/Mean($close,60)-1", 60, 1.0),
        "rsi_14": Feature(f"{rises}/Sum(Abs({CHANGE}),14)", 15, 1.0),
        "psy_12": Feature(f"Mean(Gt({RETURN},0),12)", 13, 1.0),
        "stochastic_k_9": Feature(f"($close-Min($low,9))/{span}", 9, 1.0),
        "aroon_25": Feature("(IdxMax($high,25)-IdxMin($low,25))/25", 25, 1.0),
        "distance_to_high_12m": Feature("$close/Max($high,240)-1", 240, 1.0),
        "distance_to_low_12m": Feature("$close/Min($low,240)-1", 240, 1.0),
    }


FEATURES: Mapping[str, Feature] = {
    **_returns(), **_volatility(), **_liquidity(), **_price_volume(), **_technical()
}  # fmt: skip
