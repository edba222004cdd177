"""Objective terms, constraints and the linear program they compose."""
