"""`ponder`: a subcommand in the terminal, or the window.

Qt is imported only when the window opens, so that the terminal works on a machine without it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from desktop_app.cli.main import COMMANDS, guarded, run_command


def has_display(environment: Mapping[str, str], platform: str) -> bool:
    """Whether a window can be shown.

    Args:
        environment: Environment variables.
        platform: `sys.platform`.
    """
    if platform in {"win32", "darwin"}:
        return True
    wanted = environment.get("QT_QPA_PLATFORM", "")
    if wanted and not wanted.startswith(("xcb", "wayland")):
        return True
    return bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


def main(arguments: list[str] | None = None) -> int:
    """Run Ponder and return its exit status."""
    words = sys.argv[1:] if arguments is None else arguments
    if words and (words[0] in COMMANDS or words[0].startswith("-")):
        return run_command(words)
    if words and not Path(words[0]).exists():
        print(f"ponder: {words[0]} is neither a command nor a file", file=sys.stderr)
        return 2
    if not has_display(os.environ, sys.platform):
        from desktop_app.cli.demonstration import run_demonstration

        return guarded(run_demonstration)
    from desktop_app.app import run_window

    return run_window(words)


if __name__ == "__main__":
    sys.exit(main())
