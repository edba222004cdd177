"""How each figure of the study is made: its statement, its drawing, its caption."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
from matplotlib.figure import Figure

from orchestration.lib import (
    backtest_figures,
    backtest_rows,
    execution_figures,
    figure_rows,
    net_figure_rows,
    net_figures,
    report_figures,
)

Draw = Callable[[pd.DataFrame], Figure]


@dataclass(frozen=True)
class Recipe:
    """How one figure, or one per value of a column, is made from the rows of a statement.

    Parameters
    ----------
    number, caption, table
        As of the figure (`orchestration.lib.study_figures.StudyFigure`).
    statement, draw
        Query on the published copy, and what draws its rows.
    absent
        Why there are no rows: a claim whose reasons say it, or the text itself.
    split_by
        Column with a figure for each of its values.
    name
        What tells the figure from others of the same number.
    limited
        Whether series beyond the most that a page holds are left out.
    """

    number: int
    caption: str
    table: str
    statement: str
    draw: Draw
    absent: str
    split_by: str | None = None
    name: str = ""
    limited: bool = True


# Figures of the study that are no picture of results: number, caption, why there is none.
NOT_OF_RESULTS = (
    (
        16,
        "Flow chart of optimisation and back-test.",
        "a chart of steps, which no table of results holds; docs/decisions/0008 describes them and"
        " `ashare dev` draws the assets",
    ),
)
CHOICES = figure_rows.in_pairs_of("higher_ic_beats_small_difference", "scenarios.scenario_id")
NET_RECIPES = (
    Recipe(
        10,
        "Training loss by epoch, last window, one seed, and the score on the validation weeks that"
        " early stopping reads: Rank IC, or less the squared error (higher is better).",
        "results.fct_training_epoch",
        net_figure_rows.EPOCHS,
        net_figures.training_epochs,
        "no model of this run left its epochs",
        name="epochs",
    ),
    Recipe(
        11,
        "Log of the search for the parameters of recurrent nets, last tuned window, one seed: mean"
        " score of the folds of each trial; the best one in bold.",
        "results.fct_tuning_trial",
        net_figure_rows.TRIAL_LOGS,
        net_figures.trial_logs,
        "no recurrent net of this run is tuned",
    ),
    Recipe(
        12,
        "Rank IC of every window of recurrent nets that are shown the stocks in order, and"
        " shuffled.",
        "results.fct_training_window",
        net_figure_rows.ORDERS,
        net_figures.in_and_out_of_sample,
        "stock_order_does_not_matter",
    ),
    Recipe(
        13,
        "Rank IC of every window of recurrent nets trained under squared error, and under Rank IC.",
        "results.fct_training_window",
        net_figure_rows.LOSSES,
        net_figures.in_and_out_of_sample,
        "recurrent_mse_beats_rank_ic",
    ),
    Recipe(
        14,
        "Rank IC of every window of the recurrent nets, in sample and out of sample.",
        "results.fct_training_window",
        net_figure_rows.THREE_MODELS,
        net_figures.in_and_out_of_sample,
        "recurrent_in_sample_exceeds_out_of_sample",
    ),
)
RECIPES = (
    Recipe(
        3,
        "Range scan of the last tuned window: the mean score of the folds where one parameter is"
        " moved and the others stay at their defaults.",
        "results.fct_tuning_trial",
        figure_rows.RANGE_SCANS,
        report_figures.range_scans,
        "no model of this run scanned the range of a parameter",
    ),
    Recipe(
        4,
        "Search over what the range scan left, last tuned window: the mean score of the folds of"
        " every trial, and the best so far.",
        "results.fct_tuning_trial",
        figure_rows.SEARCHES,
        report_figures.search_histories,
        "no model of this run is tuned",
    ),
    *(
        Recipe(
            number,
            f"Cumulative return of ten groups by prediction, {what}; group 1 holds the lowest"
            " predictions, equal weights, without costs.",
            "results.mart_group_return_week (pairs: results.mart_claim)",
            figure_rows.group_rows(figure_rows.model_in_pairs_of(claim)),
            report_figures.group_returns,
            claim,
            split_by="rule_set",
        )
        for number, what, claim in (
            (5, "losses compared", "mse_beats_rank_ic"),
            (6, "training windows compared", "expanding_beats_two_years"),
            (7, "libraries compared", "xgboost_beats_lightgbm"),
        )
    ),
    *(
        Recipe(
            number,
            f"Net asset value and drawdown, after costs, of {what}, against the index and equal"
            " weights of the universe.",
            "results.fct_nav_daily (scenarios: results.mart_paper_scenario)",
            backtest_rows.nav_rows(condition),
            backtest_figures.values_and_drawdowns,
            absent,
            limited=False,
        )
        for number, what, condition, absent in (
            (
                8,
                "portfolios of the study's two libraries (two-year windows, band 0.3), or of each"
                " model of this run in the settings nearest to those",
                backtest_rows.of_study_or("figure_8", backtest_rows.NEAREST_SETTINGS),
                "this run has no back-tests",
            ),
            (
                9,
                "portfolios of two choices of the model: by the higher Rank IC out of sample, and"
                " by the smaller difference from in sample. Both look at the test window",
                backtest_rows.of_study_or("figure_9", CHOICES),
                "higher_ic_beats_small_difference",
            ),
            (
                15,
                "portfolios of recurrent nets (band 0.5)",
                backtest_rows.of_study("figure_15"),
                "no back-test of a recurrent net in this run (results.mart_paper_scenario)",
            ),
        )
    ),
    Recipe(
        17,
        "Alpha, drawdown and Sharpe ratio over the band of the styles and the number of names.",
        "results.mart_backtest_summary",
        backtest_rows.GRIDS,
        backtest_figures.heat_maps,
        "no model of this run has a grid of bands and numbers of names",
        split_by="scenario",
    ),
    Recipe(
        17,
        "Return against risk: each line leads from the narrowest band to the widest (none: no"
        " band); portfolios by rule beside them.",
        "results.mart_backtest_summary",
        backtest_rows.FRONTIER,
        backtest_figures.return_against_risk,
        "this run has no back-tests",
        name="frontier",
        limited=False,
    ),
    *NET_RECIPES,
    Recipe(
        18,
        "(a) Mean Rank IC of each month, one week ahead.",
        "results.mart_rank_ic_month",
        figure_rows.MONTHS,
        report_figures.monthly_rank_ic,
        "this run has no predictions with known labels",
        split_by="rule_set",
        name="months",
    ),
    Recipe(
        18,
        "(b) Seasonal decomposition of the monthly Rank IC of the three models with the highest"
        " mean: centred moving average of twelve months, mean deviation of each calendar month,"
        " remainder. Whether the season is more than chance says results.mart_rank_ic_seasonality.",
        "results.mart_rank_ic_decomposition",
        figure_rows.DECOMPOSITIONS,
        report_figures.seasonal_decompositions,
        "monthly_rank_ic_is_seasonal",
        split_by="rule_set",
        name="decomposition",
    ),
    # Beyond the study: its own figures end with 18.
    Recipe(
        19,
        "What the biases of the printed rules are worth: annualised alpha return, correction by"
        " correction; execution averaged over all orders (lines: made alone, made last),"
        " forecasts one after the other; last, in blue, all other rules of the practitioner.",
        "results.mart_bias_waterfall",
        figure_rows.WATERFALL,
        execution_figures.bias_waterfall,
        "the experiment has no section waterfall",
        name="waterfall",
    ),
    Recipe(
        20,
        "Annualised alpha return after costs against the capital, by how many sessions the"
        " predictions wait.",
        "results.mart_capacity",
        figure_rows.CAPACITY,
        execution_figures.capacity,
        "no portfolio was back-tested with several capitals or delays",
        name="capacity",
    ),
)
