"""Records that can no longer be read: damaged, or written by another version."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from engine.journal.errors import JournalUnreadableError


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Name the record that a block reads where it is not what it should be.

    Raises:
        JournalUnreadableError: It is not.
    """
    try:
        yield
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise JournalUnreadableError(f"{what}: {error}") from error
