"""Single factors of the published copy against twins in pandas, scipy and statsmodels."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.multitest import multipletests

from tests.integration.conftest import FinishedRun

FACTORS = ("return_1m", "log_total_cap", "book_to_price")
FAMILY = ["rule_set", "stage", "horizon_weeks", "as_of_year"]


@pytest.fixture(scope="module")
def weekly(tiny_run: FinishedRun) -> pd.DataFrame:
    return tiny_run.sql("select * from results.fct_factor_rank_ic_week").to_pandas()


@pytest.fixture(scope="module")
def judged(tiny_run: FinishedRun) -> pd.DataFrame:
    return tiny_run.sql("select * from results.mart_factor_rank_ic").to_pandas()


@pytest.mark.parametrize("rule_set", ["practitioner", "paper"])
@pytest.mark.parametrize("horizon", [1, 4])
def test_rank_ic_of_both_stages(
    tiny_run: FinishedRun, weekly: pd.DataFrame, rule_set: str, horizon: int
) -> None:
    # The week `horizon` ahead, alone, as the panel itself has it.
    rows = tiny_run.sql(
        "select panel.week_date, panel.symbol, "
        + ", ".join(f"panel.{f} as processed_{f}, raw.{f} as raw_{f}" for f in FACTORS)
        + f", panel.fwd_return_{horizon}w_single as label from ml.fct_training_panel as panel"
        " inner join factors.fct_factor_raw as raw using (symbol, week_date)"
        " inner join core.dim_security as shares using (symbol)"
        " inner join core.dim_week as weeks using (week_date)"
        f" where rule_set = '{rule_set}'"
        " and (shares.delist_date is null or shares.delist_date > weeks.end_week_date_4w)"
    ).to_pandas()
    gone = tiny_run.sql("select count(*) as n from core.dim_security where delist_date is not null")
    compared = 0
    for stage in ("processed", "raw"):
        for factor in FACTORS:
            mine = weekly.query(
                "rule_set == @rule_set and stage == @stage and factor == @factor"
                " and horizon_weeks == @horizon"
            ).set_index("week_date")
            for week, frame in rows.groupby("week_date"):
                both = frame[[f"{stage}_{factor}", "label"]].dropna()
                if len(both) < 30 or mine.loc[week, "stock_count"] != len(both):
                    continue
                expected = stats.spearmanr(both.iloc[:, 0], both.iloc[:, 1]).statistic
                assert mine.loc[week, "rank_ic"] == pytest.approx(expected, abs=1e-12, nan_ok=True)
                compared += 1
    weeks = rows.dropna(subset=["label"])["week_date"].nunique()
    assert compared > (0.9 if gone.column("n")[0].as_py() == 0 else 0.5) * 6 * weeks


def test_a_row_is_known_when_its_returns_are(tiny_run: FinishedRun) -> None:
    wrong = tiny_run.sql(
        "select count(*) as n from results.fct_factor_rank_ic_week as judged"
        " inner join (select week_date, label_convention, horizon_weeks,"
        " max(label_known_at) as last from ml.fct_label group by all) as labels"
        " using (week_date, horizon_weeks)"
        " where label_convention = case rule_set when 'paper' then 'close' else 'vwap' end"
        " and judged.known_at is distinct from labels.last"
    )
    assert wrong.column("n")[0].as_py() == 0


def test_statistics_use_what_was_known_at_the_year_end(
    weekly: pd.DataFrame, judged: pd.DataFrame
) -> None:
    sample = judged[judged["factor"].isin(FACTORS)]
    assert len(set(sample["as_of_year"])) > 1
    keys = ["rule_set", "factor", "stage", "horizon_weeks"]
    series = dict(iter(weekly.dropna(subset=["rank_ic"]).groupby(keys)))
    for row in sample.itertuples():
        frame = series[(row.rule_set, row.factor, row.stage, row.horizon_weeks)]
        values = frame[frame["known_at"] <= row.as_of_date].sort_values("week_date")["rank_ic"]
        assert row.week_count == len(values)
        assert row.mean_rank_ic == pytest.approx(values.mean(), abs=1e-12)
        if len(values) < 3:
            continue
        assert row.std_rank_ic == pytest.approx(values.std(), rel=1e-9)
        t_test = stats.ttest_1samp(values, 0.0)
        assert row.t_stat == pytest.approx(t_test.statistic, rel=1e-9)
        assert row.p_value == pytest.approx(t_test.pvalue, rel=1e-8)
        if len(values) > row.horizon_weeks + 1:
            fitted = sm.OLS(values.to_numpy(), np.ones(len(values))).fit(
                cov_type="HAC", cov_kwds={"maxlags": row.horizon_weeks, "use_correction": False}
            )
            assert row.t_stat_newey_west == pytest.approx(fitted.tvalues[0], rel=1e-8)
            assert row.p_value_newey_west == pytest.approx(fitted.pvalues[0], rel=1e-7)


@pytest.mark.parametrize("stage", ["processed", "raw"])
def test_every_stage_decays_over_eight_weeks(judged: pd.DataFrame, stage: str) -> None:
    latest = judged[judged["is_latest"] & (judged["stage"] == stage)]
    found = latest[latest["factor"].isin(FACTORS)].groupby(["rule_set", "factor"])["horizon_weeks"]
    assert found.agg(sorted).tolist() == [list(range(1, 9))] * (2 * len(FACTORS))


def test_verdicts_are_those_of_two_libraries(judged: pd.DataFrame) -> None:
    families = 0
    for _, family in judged.groupby(FAMILY):
        tested = family.dropna(subset=["p_value_newey_west"])
        assert (family["test_count"] == len(tested)).all()
        if tested.empty:
            continue
        families += 1
        p_values = tested["p_value_newey_west"].to_numpy()
        np.testing.assert_allclose(
            tested["p_value_benjamini_hochberg"],
            stats.false_discovery_control(p_values),
            atol=1e-12,
        )
        rejected, adjusted, *_ = multipletests(p_values, alpha=0.05, method="holm")
        np.testing.assert_allclose(tested["p_value_holm"], adjusted, atol=1e-12)
        assert (tested["survives_holm"] == rejected).all()
    assert families > 10
    assert (judged["survives_benjamini_hochberg"] | ~judged["survives_holm"]).all()


def test_correlations_and_stability(tiny_run: FinishedRun, judged: pd.DataFrame) -> None:
    panel = tiny_run.sql(
        f"select week_date, symbol, {', '.join(FACTORS)} from ml.fct_training_panel"
        " where rule_set = 'practitioner'"
    ).to_pandas()
    by_week = panel.groupby("week_date")
    expected = by_week.apply(lambda week: np.corrcoef(week[FACTORS[0]], week[FACTORS[2]])[0, 1])
    found = tiny_run.sql(
        "select trade_year, mean_correlation, week_count from results.mart_factor_correlation"
        f" where rule_set = 'practitioner' and factor = '{FACTORS[2]}'"
        f" and other_factor = '{FACTORS[0]}' order by trade_year"
    ).to_pandas()
    years = pd.to_datetime(expected.index.to_series()).dt.year
    np.testing.assert_allclose(
        found["mean_correlation"], expected.groupby(years.to_numpy()).mean(), atol=1e-6
    )
    ranks = panel.assign(rank=by_week[FACTORS[0]].rank()).pivot_table(
        index="symbol", columns="week_date", values="rank"
    )
    weekly = [ranks.iloc[:, at].corr(ranks.iloc[:, at - 1]) for at in range(1, ranks.shape[1])]
    stored = judged.query(
        "rule_set == 'practitioner' and stage == 'processed' and is_latest"
        f" and horizon_weeks == 1 and factor == '{FACTORS[0]}'"
    )["rank_autocorrelation"]
    assert stored.iloc[0] == pytest.approx(np.mean(weekly), abs=1e-9)
