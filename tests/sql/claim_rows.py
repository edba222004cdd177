"""Models and back-tests that claims compare, as rows of the tables they are found in."""

from __future__ import annotations

import pandas as pd

from orchestration.lib.paths import DBT_PROJECT_DIR

CLAIMS = pd.read_csv(DBT_PROJECT_DIR / "seeds" / "paper" / "paper_claim.csv")
PAIRS = (
    "int_model__grouped",
    "int_claim_series__named",
    "int_claim_pair__models",
    "int_claim_pair__scenarios",
    "int_claim_pair__listed",
)


def models(*keys: str, parameters: str = "{}") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "run_id": "r",
            "rule_set": "paper",
            "model": keys,
            "library": [key.split("-")[0] for key in keys],
            "loss": "mse",
            "window_mode": "expanding",
            "seed": [int(key.split("-s")[-1]) if "-s" in key else None for key in keys],
            "parameters": parameters,
            "members": None,
            "stock_order": None,
            **dict.fromkeys(("universe_rule_set", "label_rule_set", "purge_rule_set"), "paper"),
        }
    ).astype({"members": "string", "stock_order": "string", "seed": "Int64"})


def scenarios(*rows: tuple[str, str, float | None, int]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["scenario_id", "model", "barra_limit", "num_stock"])
    return frame.assign(
        run_id="r",
        rule_set="paper",
        benchmark="000905.SH",
        turnover_limit=0.15,
        industry_limit=0.5,
        cost_rate=0.00005,
        fee_schedule="none",
        execution_policy="paper",
        adjustment="weekly",
        risk_aversion=None,
        tracking_error_limit=None,
        is_variant=False,
    ).astype(dict.fromkeys(["barra_limit", "risk_aversion", "tracking_error_limit"], "float64"))
