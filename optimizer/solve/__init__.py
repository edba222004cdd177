"""Solvers, certificates and shadow prices."""
