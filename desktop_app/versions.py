"""Which versions run. It must not import anything slow: every start in the terminal imports it."""

from __future__ import annotations

DISTRIBUTION = "ponder-desktop"


def installed_version(distribution: str = DISTRIBUTION) -> str | None:
    """The version of Ponder or of another distribution; None where its metadata is missing."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(distribution)
    except PackageNotFoundError:
        return None
