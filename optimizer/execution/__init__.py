"""Execution: policies, the book of holdings and open orders, the daily engine."""
