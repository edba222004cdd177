"""Validation of raw tables against the landing contract."""

from __future__ import annotations

from market_data.validation.engine import declared_rules, validate_directory, validate_opened
from market_data.validation.rendering import render
from market_data.validation.report import (
    Fault,
    Severity,
    TableState,
    TableSummary,
    ValidationReport,
)

__all__ = [
    "Fault",
    "Severity",
    "TableState",
    "TableSummary",
    "ValidationReport",
    "declared_rules",
    "render",
    "validate_directory",
    "validate_opened",
]
