"""A text of a person, a model or a file as one plain line: to be kept, or to be shown."""

from __future__ import annotations

from desktop_app.words.plain_text import plain


def one_line(text: str, most: int) -> str:
    """Return a text on one line that turns no direction of writing, cut where it is too long.

    Args:
        text: Any text.
        most: Characters that it may have.
    """
    line = plain(" ".join(text.split()))
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def in_one_line(text: str) -> str:
    """Return a text in one line without what cannot be printed, as names and titles are kept."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
