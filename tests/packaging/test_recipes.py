"""The recipes for other systems are well formed and call what exists; they are not run here."""

from __future__ import annotations

import plistlib
import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
import windows_installer
import yaml  # type: ignore[import-untyped]  # no types are installed

ROOT = Path(__file__).resolve().parents[2]
WORKFLOW = ROOT / ".github" / "workflows" / "package.yml"


def test_the_workflow_has_a_job_for_every_system() -> None:
    jobs = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))["jobs"]
    assert list(jobs) == ["linux", "windows", "macos"]
    for job in jobs.values():
        assert all("run" in step or "uses" in step for step in job["steps"])


def test_the_workflow_calls_scripts_that_exist() -> None:
    called = re.findall(r"packaging[/\\]\w+\.\w+", WORKFLOW.read_text(encoding="utf-8"))
    assert called
    assert [name for name in called if not (ROOT / name).is_file()] == []


@pytest.mark.parametrize("name", ["appimage.sh", "macos_image.sh"])
def test_the_shell_scripts_can_be_read_by_a_shell(name: str) -> None:
    shell = shutil.which("sh")
    if shell is None:
        pytest.skip("no shell here")
    assert subprocess.run([shell, "-n", ROOT / "packaging" / name], check=False).returncode == 0


def test_the_windows_installer_opens_model_files_and_keeps_its_identity() -> None:
    space = "{http://wixtoolset.org/schemas/v4/wxs}"
    package = ElementTree.parse(windows_installer.DESCRIPTION).getroot().find(f"{space}Package")
    assert package is not None
    assert package.get("UpgradeCode") == "6b0b9f0e-6a53-4e0f-9e6d-0a6f3f1c7d52"
    keys = [value.get("Key", "") for value in package.iter(f"{space}RegistryValue")]
    assert any(".gguf" in key for key in keys)


@pytest.mark.parametrize(
    ("version", "read"), [("1.2.3", "1.2.3"), ("1.2rc1", "1.2.0"), ("1.2.3.4", "1.2.3")]
)
def test_windows_gets_three_numbers(version: str, read: str) -> None:
    assert windows_installer.installer_version(version) == read


def test_the_macos_entitlements_can_be_read() -> None:
    path = ROOT / "packaging" / "data" / "macos-entitlements.plist"
    assert set(plistlib.loads(path.read_bytes()).values()) == {True}
