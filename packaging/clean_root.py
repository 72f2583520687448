"""A clean Debian system in a folder, made for one test: debootstrap, chroot, and gone again.

It needs root. What is mounted into it is taken out again however the test ends. It must not know
what is tested.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from progress import SetupError, run_logged

PERSON = "person"
HOME = Path("home") / PERSON
MOUNTED = ("proc", "dev", "dev/pts", "tmp/.X11-unix")
TOOLS = {"debootstrap": "debootstrap"}


def archive(told: str, codename: str) -> str:
    """Return the address of Debian's archive that this machine uses.

    Args:
        told: Lines of apt-get indextargets: origin, codename, address.
        codename: The release's name.

    Raises:
        SetupError: None of the machine's sources is that release of Debian.
    """
    for line in told.splitlines():
        origin, _, rest = line.partition(" ")
        release, _, address = rest.partition(" ")
        if (origin, release) == ("Debian", codename):
            return address
    raise SetupError(f"apt on this machine has no source of Debian {codename}.", "Add one.")


def own_archive() -> tuple[str, str]:
    """Return the codename and the archive's address of this machine's Debian.

    Raises:
        SetupError: This is no Debian, or its lists were never read.
    """
    release = Path("/etc/os-release").read_text(encoding="utf-8").splitlines()
    facts = dict(line.partition("=")[::2] for line in release)
    codename = facts.get("VERSION_CODENAME", "").strip('"')
    command = ["apt-get", "indextargets", "--format", "$(ORIGIN) $(CODENAME) $(REPO_URI)"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return codename, archive(told, codename)


def mounted_under(folder: Path, mounts: str) -> list[str]:
    """Return what is mounted at or under a folder.

    Args:
        folder: An absolute path.
        mounts: The text of /proc/self/mountinfo.
    """
    points = [line.split()[4] for line in mounts.splitlines()]
    return [point for point in points if Path(point).is_relative_to(folder)]


def remove(folder: Path) -> None:
    """Remove a system's folder, unless something of this machine is still mounted in it.

    Raises:
        SetupError: Something is; removing would reach through it.
    """
    mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8")
    if left := mounted_under(folder.resolve(), mounts):
        raise SetupError(f"Still mounted: {', '.join(left)}.", "Unmount that first.")
    shutil.rmtree(folder, ignore_errors=True)


class CleanRoot:
    """One such system, with a person in it; a context manager.

    Args:
        folder: Where it lies; made anew unless `kept` and there.
        log: File for the tools' output.
        kept: Use what an earlier run left, and leave it.
    """

    def __init__(self, folder: Path, log: Path, *, kept: bool = False) -> None:
        self.folder = folder
        self._log = log
        self._kept = kept

    def __enter__(self) -> CleanRoot:
        if not (self._kept and (self.folder / "etc/debian_version").exists()):
            remove(self.folder)
            codename, address = own_archive()
            command = ["debootstrap", "--variant=minbase", codename, str(self.folder), address]
            run_logged(command, f"Making a clean Debian {codename}", self._log)
        for name in ("etc/resolv.conf", "etc/hosts"):
            shutil.copyfile(Path("/") / name, self.folder / name)
        try:
            self._prepare()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _prepare(self) -> None:
        for name in MOUNTED:
            source, place = Path("/") / name, self.folder / name
            source.mkdir(parents=True, exist_ok=True)
            place.mkdir(parents=True, exist_ok=True)
            subprocess.run(["mount", "--bind", str(source), str(place)], check=True)
        if not (self.folder / HOME).exists():
            self.run("useradd", "--create-home", PERSON)

    def __exit__(self, *_error: object) -> None:
        for name in reversed(MOUNTED):
            subprocess.run(
                ["umount", "--lazy", str(self.folder / name)], check=False, capture_output=True
            )
        if not self._kept:
            remove(self.folder)

    @property
    def home(self) -> Path:
        """The person's home folder, seen from outside."""
        return self.folder / HOME

    def run(self, *command: str) -> None:
        """Run a command in it as root.

        Raises:
            SetupError: It failed.
        """
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
        words = ["chroot", str(self.folder), *command]
        run_logged(words, f"In the clean system: {' '.join(command)}", self._log, environment)

    def start(self, command: Sequence[str], display: str = "") -> subprocess.Popen[str]:
        """Start a command in it as the person, who has nothing but a home and perhaps a display."""
        environment = {"HOME": str(Path("/") / HOME), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
        if display:
            environment["DISPLAY"] = display
        return subprocess.Popen(
            [
                shutil.which("chroot") or "chroot",
                f"--userspec={PERSON}:{PERSON}",
                str(self.folder),
                *command,
            ],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd="/",
        )
