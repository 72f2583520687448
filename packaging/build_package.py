"""Makes what a person installs: ``python3 packaging/build_package.py``, or ``make package``.

A wheel and a portable folder on every system, a Debian package where dpkg is. Everything goes to
``dist/``. It needs what the set-up needs, and makes an environment of its own under ``.cache``.
"""

from __future__ import annotations

import argparse
import importlib.util
import shutil
import sys
import sysconfig
from pathlib import Path

from progress import SetupError, say
from setup_environment import OLDEST_PYTHON
from system_libraries import has_compiler, has_venv, install_packages

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache"


def missing_packages() -> list[str]:
    """Return the Debian packages that this machine lacks for making a package."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    missing = []
    if not has_venv():
        missing.append(f"python{version}-venv")
    if not has_compiler():
        missing.append("g++")
    if shutil.which("objdump") is None:
        missing.append("binutils")
    if not has_shared_python():
        missing.append(f"libpython{version}")
    return missing


def has_shared_python() -> bool:
    """Return whether PyInstaller will find Python as a library; Debian splits that off."""
    if not sys.platform.startswith("linux") or sysconfig.get_config_var("Py_ENABLE_SHARED"):
        return True
    name = f"libpython{sys.version_info.major}.{sys.version_info.minor}.so.1.0"
    folders = (
        sysconfig.get_config_var("LIBDIR"),
        f"/usr/lib/{sysconfig.get_config_var('MULTIARCH')}",
    )
    return any(folder and (Path(folder) / name).exists() for folder in folders)


def provide_tools(log: Path) -> None:
    """Install what is missing, as root on Debian.

    Raises:
        SetupError: Something is missing and cannot be installed from here.
    """
    missing = missing_packages() if sys.platform.startswith("linux") else []
    if not missing:
        return
    from os import geteuid

    if shutil.which("apt-get") is None or geteuid() != 0:
        raise SetupError(
            f"Making a package needs {' and '.join(missing)}.",
            f"Install them and start again:\n  sudo apt-get install {' '.join(missing)}",
        )
    install_packages(missing, log)


def build(variant: str | None) -> None:
    """Make everything that can be made on this system.

    Raises:
        SetupError: A step failed.
    """
    from portable import default_variant, make_portable

    log = CACHE / "package.log"
    provide_tools(log)
    target = ROOT / "dist"
    folder = make_portable(target, variant or default_variant(), CACHE)
    if shutil.which("dpkg-deb"):
        from debian_package import make_debian_package

        made = make_debian_package(folder, target, ROOT / "build" / "debian", log)
        say(f"{made}: {made.stat().st_size / 1e6:.0f} MB")


def main() -> int:
    """Read the command line and build; return the exit status."""
    parser = argparse.ArgumentParser(
        description="Make Ponder's wheel, portable folder and package."
    )
    parser.add_argument("--gpu", help="how llama.cpp is built; for every processor when absent")
    chosen = parser.parse_args()
    if sys.version_info[:2] < OLDEST_PYTHON or importlib.util.find_spec("tomllib") is None:
        say("Ponder needs Python 3.11 or newer. Name another one: make package PYTHON=python3.11")
        return 1
    try:
        build(chosen.gpu)
    except SetupError as error:
        print(f"\nThe package was not made. {error.what}\n{error.next_step}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. The next start goes on from here.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
