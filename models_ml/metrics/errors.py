"""Errors of forecasts in the units of the target."""

import numpy as np

from models_ml.arrays import Floats


def mean_squared_error(prediction: Floats, target: Floats) -> float:
    """Return the mean squared error over rows with both values.

    Parameters
    ----------
    prediction, target
        float64 [n]; rows with a NaN in either are left out.

    Returns
    -------
    float
        Squared units of the target; NaN if no row is left.
    """
    error = np.asarray(prediction, dtype=np.float64) - target
    error = error[np.isfinite(error)]
    return float(np.mean(error * error)) if len(error) else float("nan")
