"""Measures of the simulated market, by theme: each returns figures beside their accepted bands."""
