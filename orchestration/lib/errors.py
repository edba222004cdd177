"""Errors that a user can mend."""

from __future__ import annotations


class UserError(Exception):
    """Something the user asked for or handed over cannot be used; the message says the remedy."""
