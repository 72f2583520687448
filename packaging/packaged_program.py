"""The first code of every executable in the package: a child process of ours, or Ponder itself.

Only a packaged program runs it. On Linux the loader's path is given back before anything is
started, because a browser that is opened from Ponder must load the system's libraries, not ours.
"""

from __future__ import annotations

import os
import sys
from types import ModuleType

from engine.worker_command import CHILD_OPTION


def restore_library_path(environment: os._Environ[str] | dict[str, str]) -> None:
    """Undo what PyInstaller's starter did to the loader's path, for the programs we start."""
    original = environment.pop("LD_LIBRARY_PATH_ORIG", None)
    if original:
        environment["LD_LIBRARY_PATH"] = original
    else:
        environment.pop("LD_LIBRARY_PATH", None)


def leave_out_opengl() -> None:
    """Give pyqtgraph an empty module for Qt's OpenGL classes.

    It imports them, 9 MB, to be able to draw curves with OpenGL. That is off, and Ponder leaves it.
    """
    name = "PySide6.QtOpenGL"
    sys.modules.setdefault(name, ModuleType(name))


def main() -> int:
    """Run what the command line asks for and return the exit status."""
    if sys.platform.startswith("linux"):
        restore_library_path(os.environ)
    if sys.argv[1:2] == [CHILD_OPTION]:
        from engine.packaged_child import run_child

        return run_child(sys.argv[2:])
    leave_out_opengl()
    from desktop_app.__main__ import main as run_ponder

    return run_ponder()


if __name__ == "__main__":
    sys.exit(main())
