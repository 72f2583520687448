"""Collects the licences of everything that the package contains beside Ponder, in one text.

Python packages tell theirs in their metadata; llama.cpp's and those that a wheel only names lie in
``data/licences``; libraries of the system bring Debian's copyright file. It must not know how the
package is made.
"""

from __future__ import annotations

import re
import subprocess
import sysconfig
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions
from pathlib import Path

from progress import SetupError

KEPT = Path(__file__).with_name("data") / "licences"
LICENCE_FILE = re.compile(
    r"(^|/)(licen[cs]e|copying|notice|authors|copyright)[^/]*$", re.IGNORECASE
)
TOOLS = frozenset(
    {"altgraph", "macholib", "packaging", "pefile", "pip", "ponder-desktop", "pyinstaller"}
    | {"pyinstaller-hooks-contrib", "pywin32-ctypes", "setuptools", "wheel"}
)
"""In the environment, but not in the package."""
NAMED_ONLY = {"pyside6-essentials": ("LGPL-3", "GPL-3"), "shiboken6": ("LGPL-3", "GPL-3")}
"""Packages whose wheel names its licence and does not hold it."""


@dataclass(frozen=True)
class Part:
    """One thing in the package that others made.

    Attributes:
        name: What it is called.
        version: Its version, or "".
        licence: The licence's short name, or "" where only the text tells.
        texts: The licence texts.
    """

    name: str
    version: str
    licence: str
    texts: tuple[str, ...] = ()


def normal(name: str) -> str:
    """Return a distribution's name as the index compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def licence_name(distribution: Distribution) -> str:
    """Return the short name of a distribution's licence, as far as its metadata tells it."""
    metadata = distribution.metadata
    for field in ("License-Expression", "License"):
        told = metadata[field].strip() if field in metadata else ""
        if told and "\n" not in told and told != "UNKNOWN":
            return told
    marks = metadata.get_all("Classifier") or []
    return " OR ".join(
        mark.rpartition(" :: ")[2] for mark in marks if mark.startswith("License ::")
    )


def of_distribution(distribution: Distribution) -> Part:
    """Return a Python package with its licence texts."""
    name = normal(distribution.metadata["Name"])
    files = [file for file in distribution.files or [] if LICENCE_FILE.search(str(file))]
    found = [Path(str(distribution.locate_file(file))) for file in files if file.suffix != ".py"]
    found += [KEPT / f"{kept}.txt" for kept in NAMED_ONLY.get(name, ())]
    texts = [path.read_text(encoding="utf-8", errors="replace") for path in found if path.is_file()]
    return Part(name, distribution.version, licence_name(distribution), tuple(texts))


def python_parts(folder: Path) -> list[Part]:
    """Return the packages installed in a site-packages folder, by name.

    Raises:
        SetupError: One of them says nothing about its licence.
    """
    parts = [of_distribution(known) for known in distributions(path=[str(folder)])]
    parts = [part for part in parts if part.name not in TOOLS]
    silent = [part.name for part in parts if not part.licence and not part.texts]
    if silent:
        raise SetupError(
            f"No licence is known for {', '.join(sorted(silent))}.",
            "Name it in packaging/licences.py.",
        )
    return sorted(parts, key=lambda part: part.name)


def fixed_parts() -> list[Part]:
    """Return Python itself and llama.cpp, which no metadata lists."""
    standard_library = Path(sysconfig.get_path("stdlib"))
    candidates = [standard_library / "LICENSE.txt", standard_library.parent.parent / "LICENSE.txt"]
    text = [path.read_text(encoding="utf-8") for path in candidates if path.is_file()]
    llama = (KEPT / "llama.cpp.txt").read_text(encoding="utf-8")
    return [
        Part("Python", sysconfig.get_python_version(), "PSF-2.0", tuple(text[:1])),
        Part("llama.cpp and ggml", "", "MIT", (llama,)),
    ]


def system_parts(names: Iterable[str]) -> list[Part]:
    """Return the system's libraries of these file names, one part for each Debian package.

    Elsewhere than on Debian there are none to find, and none are put into the package.
    """
    owners: set[str] = set()
    for name in names:
        asked = ["dpkg-query", "--search", f"*/{name}"]
        try:
            told = subprocess.run(asked, capture_output=True, text=True, check=False).stdout
        except OSError:
            return []
        owners |= {line.partition(":")[0] for line in told.splitlines() if line}
    parts = []
    for owner in sorted(owners):
        path = Path("/usr/share/doc") / owner / "copyright"
        if path.is_file():
            text = path.read_text(encoding="utf-8", errors="replace")
            parts.append(Part(f"{owner} (Debian)", "", "", (text,)))
    return parts


def compose(parts: Iterable[Part]) -> str:
    """Return the text of the file: a table first, then every text once."""
    parts = list(parts)
    lines = ["Ponder contains these works of others, under these licences.", ""]
    lines += [f"  {p.name} {p.version}: {p.licence or 'see below'}".rstrip() for p in parts]
    owners: dict[str, list[str]] = {}
    for part in parts:
        for text in part.texts:
            owners.setdefault(text.strip(), []).append(part.name)
    for text, names in owners.items():
        lines += ["", "=" * 80, ", ".join(dict.fromkeys(names)), "-" * 80, "", text]
    return "\n".join(lines) + "\n"
