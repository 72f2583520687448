"""Stored moments as people read them."""

from __future__ import annotations

from datetime import datetime


def local_minute(moment: str) -> str:
    """A stored moment by the clock on the wall; as it is where it is none."""
    try:
        return datetime.fromisoformat(moment).astimezone().strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return moment
