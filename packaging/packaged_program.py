"""The first code of every executable in the package: a child process of ours, or Ponder itself.

Only a packaged program runs it. On Linux the loader's path is given back before anything is
started, because a browser that is opened from Ponder must load the system's libraries, not ours.
"""

from __future__ import annotations

import os
import sys

from engine.worker_command import CHILD_OPTION


def restore_library_path(environment: os._Environ[str] | dict[str, str]) -> None:
    """Undo what PyInstaller's starter did to the loader's path, for the programs we start."""
    original = environment.pop("LD_LIBRARY_PATH_ORIG", None)
    if original:
        environment["LD_LIBRARY_PATH"] = original
    else:
        environment.pop("LD_LIBRARY_PATH", None)


def main() -> int:
    """Run what the command line asks for and return the exit status."""
    if sys.platform.startswith("linux"):
        restore_library_path(os.environ)
    if sys.argv[1:2] == [CHILD_OPTION]:
        from engine.packaged_child import run_child

        return run_child(sys.argv[2:])
    from desktop_app.__main__ import main as run_ponder

    return run_ponder()


if __name__ == "__main__":
    sys.exit(main())
