"""Makes the Python environment Ponder runs in: ``python3 packaging/setup_environment.py``.

`make run` and `make test` call it first. It needs nothing but Python's standard library, works on
Linux, macOS and Windows, and does only what is still missing, so that a second run takes a moment.
It must not know what the product does.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from llama_wheel import VARIANTS, default_variant, provide_wheel, wheel_key
from progress import SetupError, run_logged, say
from system_libraries import provide

ROOT = Path(__file__).resolve().parent.parent
OLDEST_PYTHON = (3, 11)
NEEDED_BYTES = 2_500_000_000
RECORD_NAME = "ponder-setup.json"
RECORD_FORMAT = 1


class Environment:
    """The virtual environment and the record of what was put into it.

    Attributes:
        folder: The environment.
        record: What an earlier run finished; empty for a new environment.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.record: dict[str, Any] = {}
        try:
            record = json.loads((folder / RECORD_NAME).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return
        if isinstance(record, dict) and record.get("format") == RECORD_FORMAT:
            self.record = record

    @property
    def python(self) -> Path:
        """The environment's interpreter."""
        if os.name == "nt":
            return self.folder / "Scripts" / "python.exe"
        return self.folder / "bin" / "python"

    def works(self) -> bool:
        """Return whether the interpreter starts and has pip; an upgraded system can break both."""
        if not self.python.exists():
            return False
        probe = [str(self.python), "-c", "import pip"]
        return subprocess.run(probe, capture_output=True, check=False).returncode == 0

    def remember(self, **facts: object) -> None:
        """Add to the record, in one step that a crash cannot halve."""
        self.record.update(facts, format=RECORD_FORMAT)
        part = self.folder / f"{RECORD_NAME}.part"
        part.write_text(json.dumps(self.record, indent=1, sort_keys=True), encoding="utf-8")
        part.replace(self.folder / RECORD_NAME)


def pinned_llama_version(constraints: str) -> str:
    """Return the version of llama-cpp-python in the text of the constraints file."""
    match = re.search(r"^llama-cpp-python==(\S+)", constraints, re.MULTILINE)
    if match is None:
        raise SetupError("constraints.txt does not pin llama-cpp-python.", "Restore that file.")
    return match[1]


def packages_key(root: Path) -> str:
    """Return a digest of all that decides which packages are installed."""
    import tomllib  # not in Python 3.10, which must reach our own message

    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    chosen = {
        "build-system": project["build-system"],
        "project": project["project"],
        "setuptools": project["tool"]["setuptools"],
        "constraints": (root / "constraints.txt").read_text(encoding="utf-8"),
        "root": str(root),
    }
    return hashlib.sha256(json.dumps(chosen, sort_keys=True).encode()).hexdigest()


def create(environment: Environment, log: Path) -> None:
    """Make the virtual environment, replacing one that no longer works.

    Raises:
        SetupError: It cannot be made, or the disk has too little room.
    """
    environment.folder.parent.mkdir(parents=True, exist_ok=True)
    free_bytes = shutil.disk_usage(environment.folder.parent).free
    if free_bytes < NEEDED_BYTES:
        raise SetupError(
            f"{environment.folder.parent} has {free_bytes / 1e9:.1f} GB free; the set-up needs "
            f"about {NEEDED_BYTES / 1e9:.1f} GB.",
            "Free some room and start again.",
        )
    environment.record = {}
    command = [sys.executable, "-m", "venv", "--clear", str(environment.folder)]
    run_logged(command, f"Making the environment {environment.folder.name}", log)


def install_llama(environment: Environment, variant: str, cache: Path) -> None:
    """Put llama-cpp-python of the wanted variant into the environment.

    Raises:
        SetupError: No wheel could be had, or it does not load on this machine.
    """
    version = pinned_llama_version((ROOT / "constraints.txt").read_text(encoding="utf-8"))
    key = wheel_key(version, variant)
    if environment.record.get("llama") == key:
        return
    wheel = provide_wheel(environment.python, version, variant, cache)
    command = [str(environment.python), "-m", "pip", "install", "--no-input", "--force-reinstall"]
    command += ["--no-deps", "--disable-pip-version-check", str(wheel)]
    run_logged(command, f"Installing llama.cpp for {variant}", cache / "setup.log")
    environment.remember(llama="")
    pip_install(environment, ["numpy", "diskcache", "jinja2", "typing-extensions"], cache)
    probe = "import llama_cpp; raise SystemExit(0 if llama_cpp.llama_supports_gpu_offload() else 9)"
    answer = subprocess.run(
        [str(environment.python), "-c", probe], capture_output=True, text=True, check=False
    )
    if answer.returncode not in {0, 9}:
        wheel.unlink()
        last_line = (answer.stderr.strip().splitlines() or ["no message"])[-1]
        raise SetupError(
            f"llama.cpp was installed but does not load: {last_line}",
            "Check the graphics driver, or start again with GPU=cpu.",
        )
    if VARIANTS[variant].offloads and answer.returncode == 9:
        wheel.unlink()
        raise SetupError(
            f"llama.cpp was built for {variant} but reports no GPU offload.",
            "See the build's output in .cache/setup.log, or start again with GPU=cpu.",
        )
    environment.remember(llama=key, gpu=variant)


def pip_install(environment: Environment, arguments: list[str], cache: Path) -> None:
    """Install into the environment with the pinned versions.

    Raises:
        SetupError: pip failed.
    """
    command = [str(environment.python), "-m", "pip", "install", "--no-input"]
    command += ["--disable-pip-version-check", "--constraint", str(ROOT / "constraints.txt")]
    what = f"Installing {' '.join(Path(part).name for part in arguments if part != '--editable')}"
    run_logged([*command, *arguments], what, cache / "setup.log")


def install_packages(environment: Environment, extras: set[str], cache: Path) -> None:
    """Install Ponder itself, editable, with the wanted extras on top of the ones already there.

    Raises:
        SetupError: pip failed.
    """
    key = packages_key(ROOT)
    present = set(environment.record.get("extras", []))
    if environment.record.get("packages") == key and extras <= present:
        return
    chosen = sorted(extras | present)
    target = f"{ROOT}[{','.join(chosen)}]" if chosen else str(ROOT)
    pip_install(environment, ["--editable", target], cache)
    environment.remember(packages=key, extras=chosen)


def set_up(gpu: str | None, extras: set[str], folder: Path, cache: Path) -> None:
    """Do whatever is missing for the wanted variant and extras.

    Args:
        gpu: Offloading variant; None keeps the one in use.
        extras: Names of optional dependency groups.
        folder: The virtual environment.
        cache: Folder for wheels and the log.

    Raises:
        SetupError: Something is missing that cannot be provided from here.
    """
    environment = Environment(folder)
    exists = environment.works()
    variant = gpu or environment.record.get("gpu") or default_variant()
    # While the window's libraries are missing this is asked again: they may be installed by now.
    if not (exists and environment.record.get("system_complete")):
        complete = provide(
            cache / "setup.log",
            environment_exists=exists,
            build=not (environment.record.get("llama") or os.environ.get("LLAMA_WHEELS")),
        )
    else:
        complete = True
    if not exists:
        create(environment, cache / "setup.log")
    install_llama(environment, variant, cache)
    install_packages(environment, extras, cache)
    if environment.record.get("system_complete") != complete:
        environment.remember(system_complete=complete)


def main() -> int:
    """Read the command line and set up; return the exit status."""
    parser = argparse.ArgumentParser(description="Make the environment Ponder runs in.")
    parser.add_argument("--gpu", choices=sorted(VARIANTS), help="offloading variant")
    parser.add_argument("--extra", action="append", default=[], help="serve, test, dev or training")
    parser.add_argument("--environment", type=Path, default=ROOT / ".venv")
    chosen = parser.parse_args()
    if sys.version_info[:2] < OLDEST_PYTHON:
        found = ".".join(map(str, sys.version_info[:2]))
        say(f"Ponder needs Python 3.11 or newer; this is {found}.")
        say("Name another one: make run PYTHON=python3.11")
        return 1
    cache = ROOT / ".cache"
    try:
        set_up(chosen.gpu, set(chosen.extra), chosen.environment.absolute(), cache)
    except SetupError as error:
        print(f"\nThe set-up stopped. {error.what}\n{error.next_step}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"\nThe set-up stopped: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. The next start goes on from here.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
