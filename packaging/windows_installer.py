"""Makes the Windows installer, ``dist/ponder-VERSION.msi``, from the portable folder with WiX.

It is ready to be signed; `.github/workflows/package.yml` does that where a certificate is. It must
not know how the folder is made.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from debian_package import project_version
from portable import ROOT

DESCRIPTION = Path(__file__).with_name("data") / "ponder.wxs"


def installer_version(version: str) -> str:
    """Return a version as Windows Installer reads it: three numbers and nothing else."""
    numbers = re.match(r"\d+(?:\.\d+)*", version)
    parts = numbers[0].split(".")[:3] if numbers else []
    return ".".join([*parts, "0", "0", "0"][:3])


def wix_command(folder: Path, target: Path, version: str) -> list[str]:
    """Return the command that makes the installer."""
    made = target / f"ponder-{version}.msi"
    facts = [f"Version={installer_version(version)}", f"Folder={folder}"]
    definitions = [word for fact in facts for word in ("-d", fact)]
    return ["wix", "build", str(DESCRIPTION), *definitions, "-arch", "x64", "-out", str(made)]


if __name__ == "__main__":
    command = wix_command(ROOT / "dist" / "ponder", ROOT / "dist", project_version())
    sys.exit(subprocess.run(command, check=False).returncode)
