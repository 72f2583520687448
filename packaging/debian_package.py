"""Makes the Debian package out of the portable folder: ``dist/ponder_VERSION_ARCHITECTURE.deb``.

Its dependencies are read from the programs themselves. It has no scripts: the system's own triggers
see to menus, icons and file types. A person's data is never in the package's hands, so that they
stay when it is removed. It must not know how the folder is made.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import package_contents
from portable import ELF, ROOT, size_bytes
from progress import SetupError, run_logged
from system_libraries import QT_LIBRARIES

DATA = Path(__file__).with_name("data")
NAME = "ponder"
MAINTAINER = "The Ponder authors <ponder@localhost>"
LIBRARY_FOLDER = Path("usr/lib") / NAME

# Shared library -> Debian package, beside those that Qt opens.
PACKAGES: Mapping[str, str] = {
    **QT_LIBRARIES,
    "ld-linux-x86-64.so.2": "libc6",
    "ld-linux-aarch64.so.1": "libc6",
    "libc.so.6": "libc6",
    "libdl.so.2": "libc6",
    "libm.so.6": "libc6",
    "libpthread.so.0": "libc6",
    "libresolv.so.2": "libc6",
    "librt.so.1": "libc6",
    "libutil.so.1": "libc6",
    "libbrotlicommon.so.1": "libbrotli1",
    "libbrotlidec.so.1": "libbrotli1",
    "libcrypt.so.1": "libcrypt1",
    "libdrm.so.2": "libdrm2",
    "libgbm.so.1": "libgbm1",
    "libexpat.so.1": "libexpat1",
    "libgcc_s.so.1": "libgcc-s1",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libstdc++.so.6": "libstdc++6",
    "libuuid.so.1": "libuuid1",
    "libX11.so.6": "libx11-6",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb.so.1": "libxcb1",
    "libz.so.1": "zlib1g",
    "libzstd.so.1": "libzstd1",
}
RECOMMENDED = ("xdg-utils",)


@dataclass(frozen=True)
class Needs:
    """What programs need of the system.

    Attributes:
        libraries: Names of shared libraries.
        glibc: The newest version of the C library whose symbols they use.
    """

    libraries: frozenset[str]
    glibc: tuple[int, ...]


def read_needs(told: str) -> Needs:
    """Return what ``objdump -p`` told about programs and libraries."""
    libraries = frozenset(re.findall(r"^\s+NEEDED\s+(\S+)", told, re.MULTILINE))
    versions = re.findall(r"\bGLIBC_(\d+(?:\.\d+)+)\b", told)
    return Needs(libraries, max((tuple(map(int, v.split("."))) for v in versions), default=(2, 0)))


def needs_of(folder: Path) -> Needs:
    """Return what everything in the folder needs and the folder does not hold.

    Raises:
        SetupError: objdump is missing or failed.
    """
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    programs = [path for path in files if not path.is_symlink() and is_elf(path)]
    command = ["objdump", "-p", *map(str, programs)]
    try:
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise SetupError(f"objdump did not work: {error}", "Install binutils.") from error
    found = read_needs(told)
    return Needs(found.libraries - {path.name for path in files}, found.glibc)


def is_elf(path: Path) -> bool:
    """Return whether a file is a program or a library."""
    with path.open("rb") as file:
        return file.read(len(ELF)) == ELF


def dependencies(needs: Needs) -> list[str]:
    """Return the Debian packages for these needs, as the control file names them.

    Raises:
        SetupError: No package is known for a library.
    """
    unknown = sorted(needs.libraries - PACKAGES.keys())
    if unknown:
        raise SetupError(
            f"No Debian package is known for {', '.join(unknown)}.",
            "Name it in packaging/debian_package.py, or keep what needs it out of the package.",
        )
    packages = {PACKAGES[library] for library in needs.libraries} - {"libc6"}
    # Debian 13 names the package otherwise, and it still provides this name.
    return [f"libc6 (>= {'.'.join(map(str, needs.glibc))})", *sorted(packages)]


def control(version: str, architecture: str, size: int, depends: Iterable[str]) -> str:
    """Return the control file.

    Args:
        version: Ponder's version.
        architecture: Debian's name of the processor's kind.
        size: Bytes of the unpacked files.
        depends: Packages it needs.
    """
    return f"""\
Package: {NAME}
Version: {debian_version(version)}
Architecture: {architecture}
Maintainer: {MAINTAINER}
Installed-Size: {-(-size // 1024)}
Depends: {", ".join(depends)}
Recommends: {", ".join(RECOMMENDED)}
Section: science
Priority: optional
Description: desktop reasoning assistant with a thinking-time slider
 You ask a question and say how much thinking the answer is worth. An engine
 on your own computer spends that budget as attempts decoded side by side, or
 as rounds of revision. The window shows the candidates as they form, the
 votes as they fall, and what it took in seconds and joules.
 .
 Nothing leaves your computer.
"""


def debian_version(version: str) -> str:
    """Return a Python version as Debian orders it: what comes before a release is less than it."""
    return re.sub(r"\.?(a|b|rc|dev)(\d+)", r"~\1\2", version)


def metainfo(text: str, version: str, seconds: float) -> str:
    """Return the AppStream data with version and day filled in."""
    day = time.strftime("%Y-%m-%d", time.gmtime(seconds))
    text = text.replace("@IDENTIFIER@", package_contents.IDENTIFIER)
    return text.replace("@VERSION@", version).replace("@DATE@", day)


def copyright_text(third_party: str) -> str:
    """Return the package's copyright file: our licence, and the table of those of others.

    Args:
        third_party: ``THIRD-PARTY-LICENCES.txt``, which the package holds whole.
    """
    table = third_party.partition("=" * 80)[0].rstrip()
    return (
        "Ponder is licensed under the Apache License 2.0;\n"
        "its text is in /usr/share/common-licenses/Apache-2.0.\n\n"
        f"{table}\n\n"
        f"Their texts are in /{LIBRARY_FOLDER.as_posix()}/THIRD-PARTY-LICENCES.txt.\n"
    )


def project_version() -> str:
    """Return Ponder's version."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["version"])


def place_files(root: Path, folder: Path, version: str) -> None:
    """Lay out the files as the installed system will have them.

    Args:
        root: An empty folder that stands for the system's.
        folder: The portable folder.
        version: Ponder's version.
    """
    shutil.copytree(folder, root / LIBRARY_FOLDER, symlinks=True)
    programs = root / "usr/bin"
    programs.mkdir(parents=True)
    (programs / NAME).symlink_to(Path("..") / "lib" / NAME / NAME)
    share = root / "usr/share"
    stamp = float(os.environ.get("SOURCE_DATE_EPOCH", time.time()))
    texts = {
        "applications/ponder.desktop": (DATA / "ponder.desktop").read_text(encoding="utf-8"),
        "icons/hicolor/scalable/apps/ponder.svg": (DATA / "ponder.svg").read_text(encoding="utf-8"),
        "mime/packages/ponder.xml": (DATA / "ponder-mime.xml").read_text(encoding="utf-8"),
        f"metainfo/{package_contents.IDENTIFIER}.metainfo.xml": metainfo(
            (DATA / "ponder.metainfo.xml").read_text(encoding="utf-8"), version, stamp
        ),
        f"doc/{NAME}/copyright": copyright_text(
            (folder / "THIRD-PARTY-LICENCES.txt").read_text(encoding="utf-8")
        ),
    }
    for name, text in texts.items():
        path = share / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    give_usual_rights(root)


def give_usual_rights(root: Path) -> None:
    """Let everybody read everything, whatever the mask of the person who builds says."""
    for path in (root, *root.rglob("*")):
        if not path.is_symlink():
            runs = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if runs and ".so" not in path.name else 0o644)


def make_debian_package(folder: Path, target: Path, scratch: Path, log: Path) -> Path:
    """Make the package and return it.

    Args:
        folder: The portable folder.
        target: Where the package goes.
        scratch: A folder to work in; emptied first.
        log: File for the tools' output.

    Raises:
        SetupError: A tool is missing or failed, or a library has no known package.
    """
    version = project_version()
    depends = dependencies(needs_of(folder))
    shutil.rmtree(scratch, ignore_errors=True)
    place_files(scratch, folder, version)
    asked = subprocess.run(
        ["dpkg", "--print-architecture"], capture_output=True, text=True, check=True
    )
    architecture = asked.stdout.strip()
    (scratch / "DEBIAN").mkdir()
    about = control(version, architecture, size_bytes(scratch), depends)
    (scratch / "DEBIAN" / "control").write_text(about, encoding="utf-8")
    made = target / f"{NAME}_{debian_version(version)}_{architecture}.deb"
    command = ["dpkg-deb", "--build", "--root-owner-group", "-Zxz", str(scratch), str(made)]
    run_logged(command, "Making the Debian package", log)
    shutil.rmtree(scratch)
    return made
