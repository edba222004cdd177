"""P-values of means of weekly series, which SQL lacks."""

import numpy as np
from scipy import stats

from models_ml.arrays import Floats


def student_p_value(t_stat: Floats, week_count: Floats) -> Floats:
    """Return the two-sided p-value of the t statistic of a mean.

    Parameters
    ----------
    t_stat
        float64 [k]; NaN stays NaN.
    week_count
        float64 [k], observations behind each mean: week_count - 1 degrees of freedom; fewer than
        two give NaN.

    Returns
    -------
    float64 [k]
    """
    t_stat = np.asarray(t_stat, dtype=np.float64)
    freedom = np.asarray(week_count, dtype=np.float64) - 1.0
    usable = np.isfinite(t_stat) & (freedom >= 1.0)
    p_value = np.full(t_stat.shape, np.nan)
    p_value[usable] = 2.0 * stats.t.sf(np.abs(t_stat[usable]), freedom[usable])
    return p_value


def normal_p_value(z: Floats) -> Floats:
    """Return the two-sided p-value of a statistic that is standard normal in large samples.

    Parameters
    ----------
    z
        float64 [k]; NaN stays NaN.

    Returns
    -------
    float64 [k]
    """
    p_value: Floats = 2.0 * stats.norm.sf(np.abs(np.asarray(z, dtype=np.float64)))
    return p_value
