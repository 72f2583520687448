"""Makes the portable folder: a wheel of Ponder, an environment with it, PyInstaller, licences.

``dist/ponder`` runs where it lies, on any Linux that is as new as the one it was made on. It must
not know how a system installs it.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import licences
from llama_wheel import VARIANTS
from progress import SetupError, run_logged, say
from setup_environment import Environment, create, install_llama, packages_key, pip_install

ROOT = Path(__file__).resolve().parent.parent
ELF = b"\x7fELF"
# Wheels made by auditwheel must keep their layout; these come from builds of others and may not be
# stripped, as a Python built from source is not.
STRIPPED = (
    "libpython3*", "python3*/lib-dynload/*.so", "cryptography/**/*.so", "yaml/*.so",
    "PySide6/Qt/lib/libicu*",
)  # fmt: skip


def default_variant() -> str:
    """Return how llama.cpp is built for a package: for every processor of the kind."""
    return "metal" if sys.platform == "darwin" else "portable"


def make_wheel(python: Path, target: Path, log: Path) -> Path:
    """Build Ponder's wheel into a folder and return it.

    Raises:
        SetupError: pip failed.
    """
    for old in target.glob("ponder_desktop-*.whl"):
        old.unlink()
    shutil.rmtree(ROOT / "build" / "lib", ignore_errors=True)  # setuptools keeps deleted modules
    command = [str(python), "-m", "pip", "wheel", "--no-deps", "--no-input", "--wheel-dir"]
    command += [str(target), "--disable-pip-version-check", str(ROOT)]
    run_logged(command, "Building the wheel", log)
    return next(target.glob("ponder_desktop-*.whl"))


def make_environment(folder: Path, variant: str, cache: Path) -> Environment:
    """Return an environment with llama.cpp and PyInstaller, making what is missing.

    Raises:
        SetupError: Something cannot be had; this Python has no shared library, for example.
    """
    if variant not in VARIANTS:
        raise SetupError(f"{variant} is no way to build llama.cpp.", f"Known: {list(VARIANTS)}")
    environment = Environment(folder)
    if not environment.works():
        create(environment, cache / "setup.log")
    install_llama(environment, variant, cache)
    return environment


def install_ponder(environment: Environment, wheel: Path, cache: Path) -> None:
    """Install the wheel, what it needs, and PyInstaller.

    Raises:
        SetupError: pip failed.
    """
    key = packages_key(ROOT)
    if environment.record.get("packages") != key:
        pip_install(environment, [f"{wheel}[package]"], cache)
        environment.remember(packages=key)
    pip_install(environment, ["--force-reinstall", "--no-deps", str(wheel)], cache)


def freeze(environment: Environment, target: Path, log: Path) -> Path:
    """Run PyInstaller and return the folder.

    Raises:
        SetupError: PyInstaller failed.
    """
    command = [str(environment.python), "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN"]
    command += ["--distpath", str(target), "--workpath", str(ROOT / "build" / "pyinstaller")]
    command.append(str(Path(__file__).with_name("ponder.spec")))
    run_logged(command, "Making the portable folder (minutes)", log)
    return target / "ponder"


def strip(inside: Path, log: Path) -> None:
    """Take debugging symbols out of libraries that may have some."""
    found = [path for pattern in STRIPPED for path in sorted(inside.glob(pattern))]
    files = [str(path) for path in found if path.is_file() and not path.is_symlink()]
    if files and shutil.which("strip"):
        run_logged(["strip", "--strip-unneeded", *files], "Taking out debugging symbols", log)


def site_packages(environment: Environment) -> Path:
    """Return the environment's folder of packages."""
    command = [
        str(environment.python),
        "-c",
        "import sysconfig; print(sysconfig.get_path('purelib'))",
    ]
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    return Path(told.stdout.strip())


def write_licences(folder: Path, packages: Path) -> None:
    """Put Ponder's licence and those of everything else into the folder."""
    shutil.copy(ROOT / "LICENSE", folder / "LICENSE")
    libraries = [path.name for path in (folder / "_internal").glob("lib*.so*") if path.is_file()]
    parts = [*licences.fixed_parts(), *licences.python_parts(packages)]
    parts += licences.system_parts(sorted(libraries))
    text = licences.compose(parts)
    (folder / "THIRD-PARTY-LICENCES.txt").write_text(text, encoding="utf-8")


def size_bytes(folder: Path) -> int:
    """Return the bytes of all files of a folder, links not followed."""
    files = (path for path in folder.rglob("*") if not path.is_symlink() and path.is_file())
    return sum(path.stat().st_size for path in files)


def largest_parts(folder: Path, count: int = 12) -> list[tuple[str, int]]:
    """Return the largest files and folders of a portable folder, largest first."""
    inside = folder / "_internal"
    shown = [path for path in (*folder.iterdir(), *inside.iterdir()) if path != inside]
    sizes = [
        (
            path.relative_to(folder).as_posix(),
            size_bytes(path) if path.is_dir() else path.stat().st_size,
        )
        for path in shown
        if not path.is_symlink()
    ]
    return sorted(sizes, key=lambda entry: -entry[1])[:count]


def make_portable(target: Path, variant: str, cache: Path) -> Path:
    """Make wheel and portable folder and return the folder.

    Raises:
        SetupError: A step failed.
    """
    log = cache / "package.log"
    target.mkdir(parents=True, exist_ok=True)
    environment = make_environment(cache / "package", variant, cache)
    wheel = make_wheel(environment.python, target, log)
    install_ponder(environment, wheel, cache)
    folder = freeze(environment, target, log)
    if sys.platform.startswith("linux"):
        strip(folder / "_internal", log)
    write_licences(folder, site_packages(environment))
    say(f"{folder}: {size_bytes(folder) / 1e6:.0f} MB; the largest parts:")
    for name, size in largest_parts(folder):
        say(f"  {size / 1e6:6.1f} MB  {name}")
    return folder
