"""`ponder`: a subcommand in the terminal, or the window.

Qt is imported only when the window opens, so that the terminal works on a machine without it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from desktop_app.cli.complaint import complain
from desktop_app.cli.exits import EXIT_USAGE
from desktop_app.cli.main import COMMANDS, guarded, run_command
from desktop_app.display import has_display


def main(arguments: list[str] | None = None) -> int:
    """Run Ponder and return its exit status."""
    words = sys.argv[1:] if arguments is None else arguments
    if words and (words[0] in COMMANDS or words[0].startswith("-")):
        return run_command(words)
    if words and not Path(words[0]).exists():
        complain(f"{words[0]} is neither a command nor a file")
        return EXIT_USAGE
    if not has_display(os.environ, sys.platform):
        if words:
            complain(
                f"there is no display to open {words[0]} in; "
                "'ponder ask --model' asks a model in the terminal"
            )
            return EXIT_USAGE
        from desktop_app.cli.demonstration import run_demonstration

        return guarded(run_demonstration)
    from desktop_app.app import run_window

    return run_window(words)


if __name__ == "__main__":
    sys.exit(main())
