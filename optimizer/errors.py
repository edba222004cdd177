"""Errors of the optimiser; each message says what was expected, what was found, what to do."""

from __future__ import annotations


class OptimizerError(Exception):
    """Base of all errors raised on purpose by this package."""


class InputError(OptimizerError, ValueError):
    """A frame or a scenario cannot be used as it is."""


class SolverError(OptimizerError, RuntimeError):
    """The solver stopped without an answer."""


class InfeasibleError(OptimizerError, RuntimeError):
    """No portfolio satisfies the constraints."""


class CertificateError(OptimizerError, RuntimeError):
    """A solution did not pass the independent check of optimality."""
