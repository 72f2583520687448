"""Bad use of the command line."""

from __future__ import annotations


class UsageError(Exception):
    """Bad use or input; told in one line, exit code 2."""
