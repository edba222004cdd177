"""Array types that the forecasters share."""

import numpy as np
from numpy.typing import NDArray

Features = NDArray[np.float32]
Floats = NDArray[np.float64]
Dates = NDArray[np.datetime64]
Rows = NDArray[np.int64]
Booleans = NDArray[np.bool_]
