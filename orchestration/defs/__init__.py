"""Dagster definitions, one folder per stage."""
