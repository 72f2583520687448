"""A secret from the keyboard, unseen, or from standard input; never from the command itself."""

from __future__ import annotations

import getpass
import sys

from desktop_app.cli.usage import UsageError


def read_secret(name: str) -> str:
    """Return it.

    Args:
        name: What it is, such as "token".

    Raises:
        UsageError: There is none.
    """
    asked = f"{name.capitalize()}: "
    if sys.stdin is None:
        raise UsageError(f"no {name} was given")
    given = getpass.getpass(asked) if sys.stdin.isatty() else sys.stdin.readline()
    if not given.strip():
        raise UsageError(f"no {name} was given")
    return given.strip()
