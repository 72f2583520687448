"""Which versions run. It must not import anything slow: `ponder --version` asks it."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

DISTRIBUTION = "ponder-desktop"


def installed_version(distribution: str = DISTRIBUTION) -> str | None:
    """The version of Ponder or of another distribution; None where its metadata is missing."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None
