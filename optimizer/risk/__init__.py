"""Risk model: factor returns, their covariance, specific risk."""
