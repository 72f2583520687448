"""What the set-up needs from the operating system: a compiler, venv and the libraries Qt opens.

On Debian and its relatives the missing packages are installed when we are root; otherwise the exact
command is printed. Elsewhere the missing libraries are named. It must not know pip or llama.cpp.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shutil
import sys
from pathlib import Path

from progress import SetupError, run_logged, say

_LOCK_SECONDS = 300
"""A system that is looking for updates of its own is waited for so long."""

# Shared library a Qt window opens on Linux -> the Debian package that holds it. Found by running
# ldd over the platform plugins of PySide6-Essentials 6.12 (xcb, wayland, offscreen).
QT_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-glx.so.0": "libxcb-glx0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
}


def is_loadable(library: str) -> bool:
    """Return whether the dynamic loader finds this shared library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def missing_qt_libraries() -> list[str]:
    """Return the names of the shared libraries Qt would not find; empty off Linux."""
    if not sys.platform.startswith("linux"):
        return []
    return [library for library in QT_LIBRARIES if not is_loadable(library)]


def has_compiler() -> bool:
    """Return whether a C++ compiler is in sight; off Linux CMake's own search decides later."""
    if not sys.platform.startswith("linux"):
        return True
    named = os.environ.get("CXX", "").split()
    return any(shutil.which(name) for name in [*named[:1], "c++", "g++", "clang++"])


def has_venv() -> bool:
    """Return whether this Python can create environments with pip (Debian splits that off)."""
    return all(importlib.util.find_spec(name) for name in ("venv", "ensurepip"))


def install_packages(packages: list[str], log: Path) -> None:
    """Install Debian packages as root.

    Raises:
        SetupError: apt-get failed.
    """
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    run_logged(["apt-get", "update"], "Reading the system's package lists", log, environment)
    patient = ["-o", f"DPkg::Lock::Timeout={_LOCK_SECONDS}"]
    command = ["apt-get", *patient, "install", "--yes", "--no-install-recommends", *packages]
    run_logged(command, f"Installing {' '.join(packages)}", log, environment)


def _wanted_packages(*, environment_exists: bool, build: bool) -> tuple[list[str], list[str]]:
    """Return the missing Debian packages: those needed to go on, and those of the window."""
    required = []
    if not environment_exists and not has_venv():
        required.append(f"python{sys.version_info.major}.{sys.version_info.minor}-venv")
    if build and not has_compiler():
        required.append("g++")
    return required, [QT_LIBRARIES[library] for library in missing_qt_libraries()]


def provide(log: Path, *, environment_exists: bool, build: bool) -> bool:
    """Make sure the system has what the set-up and the window need.

    Args:
        log: Where the output of apt-get goes.
        environment_exists: Whether a virtual environment is there already.
        build: Whether a C++ compiler is needed.

    Returns:
        Whether nothing is missing now. Without the window's libraries the terminal still works, so
        that alone is said but is no error.

    Raises:
        SetupError: A compiler or venv is missing and cannot be installed from here.
    """
    required, window = _wanted_packages(environment_exists=environment_exists, build=build)
    if not required and not window:
        return True
    command = f"apt-get install --no-install-recommends {' '.join([*required, *window])}"
    if shutil.which("apt-get") is None:
        _name_what_is_missing(required)
        return False
    if os.geteuid() != 0:
        if required:
            raise SetupError(
                f"This system lacks {' and '.join(required)}.",
                f"Run this once, then start again:\n  sudo {command}",
            )
        say(f"The window needs system libraries that are missing. Run this once:\n  sudo {command}")
        return False
    try:
        install_packages([*required, *window], log)
    except SetupError:
        if required:
            raise
        say(f"The window's system libraries could not be installed. Later, run:\n  {command}")
    return not missing_qt_libraries()


def _name_what_is_missing(required: list[str]) -> None:
    if required:
        raise SetupError(
            "A C++ compiler or Python's venv module is missing.",
            "Install them with this system's package manager and start again.",
        )
    say(
        "The window needs shared libraries that are missing; install them with this system's "
        f"package manager: {', '.join(missing_qt_libraries())}"
    )
