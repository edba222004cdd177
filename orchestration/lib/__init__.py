"""Shared building blocks of the orchestration."""
