"""How risk is estimated; windows, half-lives and lags in sessions."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class RiskSettings(BaseModel):
    """Choices of the risk model, also the section `risk_model` of an experiment."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    window: int = Field(default=756, ge=20, description="factor returns a covariance looks back on")
    least_sessions: int = Field(
        default=120, ge=10, description="sessions with factor returns before the first covariance"
    )
    volatility_half_life: float = Field(default=84.0, gt=0)
    correlation_half_life: float = Field(default=252.0, gt=0)
    volatility_lags: int = Field(default=5, ge=0, le=8, description="Newey-West, of variances")
    correlation_lags: int = Field(default=2, ge=0, le=8, description="Newey-West, of correlations")
    specific_window: int = Field(default=252, ge=10)
    specific_half_life: float = Field(default=84.0, gt=0)
    specific_lags: int = Field(default=5, ge=0, le=8)
    specific_least_sessions: int = Field(
        default=60, ge=2, description="a name with fewer gets what its exposures say"
    )
    shrinkage_groups: int = Field(default=10, ge=1, description="by capitalisation")
    shrinkage_strength: float = Field(
        default=0.1, ge=0, description="pull of specific volatilities to their group; 0 for none"
    )
    eigenfactor_strength: float = Field(
        default=0.0, ge=0, le=3, description="correction of principal portfolios; 0 for none"
    )
    eigenfactor_simulations: int = Field(default=100, ge=1)
    regime_half_life: float | None = Field(
        default=None, gt=0, description="correction by the level of volatility; null for none"
    )
    seed: int = Field(default=777, description="of the eigenfactor simulations")
