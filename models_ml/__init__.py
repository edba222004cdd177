"""Forecasters: splits, estimators, losses and metrics; arrays and frames in, frames out."""
