"""A question before something goes for good."""

from __future__ import annotations

import sys

from desktop_app.cli.usage import UsageError
from desktop_app.words.plain_text import plain


def confirmed(question: str) -> bool:
    """Ask, and return whether the person said yes.

    Raises:
        UsageError: Nobody can be asked.
    """
    if sys.stdin is None or not sys.stdin.isatty():
        raise UsageError("say --yes, for nobody can be asked here")
    try:
        said = input(plain(f"{question} [y/N] "))
    except EOFError:
        return False
    return said.strip().casefold() in {"y", "yes"}
