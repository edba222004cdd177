"""Optimised portfolios and their back-tests."""
