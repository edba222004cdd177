"""What forecasts are judged by."""

from models_ml.metrics.errors import mean_squared_error
from models_ml.metrics.rank_ic import (
    MINIMUM_STOCK_COUNT,
    RankICScorer,
    WeeklyRankIC,
    ranks_within,
    spearman_p_value,
    weekly_rank_ic,
)
from models_ml.metrics.statistics import (
    STATISTICS,
    newey_west_t,
    rank_ic_summary,
)

__all__ = [
    "MINIMUM_STOCK_COUNT",
    "STATISTICS",
    "RankICScorer",
    "WeeklyRankIC",
    "mean_squared_error",
    "newey_west_t",
    "rank_ic_summary",
    "ranks_within",
    "spearman_p_value",
    "weekly_rank_ic",
]
