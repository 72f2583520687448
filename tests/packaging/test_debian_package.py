"""The Debian package: what it needs, what it says, and where its files go."""

from __future__ import annotations

import configparser
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import debian_package
import pytest
from progress import SetupError

TOLD = """
Dynamic Section:
  NEEDED               libm.so.6
  NEEDED               libQt6Core.so.6
  NEEDED               libz.so.1
Version References:
  required from libc.so.6:
    0x09691a75 0x00 04 GLIBC_2.9
    0x069691b4 0x00 03 GLIBC_2.34
    0x0d696913 0x00 03 GLIBC_2.3.4
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A portable folder in small."""
    folder = tmp_path / "portable"
    (folder / "_internal").mkdir(parents=True)
    (folder / "ponder").write_bytes(b"\x7fELF program")
    (folder / "ponder").chmod(0o700)
    (folder / "_internal" / "libQt6Core.so.6").write_bytes(b"\x7fELF library")
    (folder / "_internal" / "libQt6.so").symlink_to("libQt6Core.so.6")
    (folder / "THIRD-PARTY-LICENCES.txt").write_text(f"  Zlib: zlib licence\n{'=' * 80}\nText")
    return folder


def test_needs_are_the_libraries_and_the_newest_symbols_of_the_c_library() -> None:
    needs = debian_package.read_needs(TOLD)
    assert needs.libraries == {"libm.so.6", "libQt6Core.so.6", "libz.so.1"}
    assert needs.glibc == (2, 34)


def test_dependencies_are_packages_once_and_the_c_library_with_its_version() -> None:
    needs = debian_package.Needs(
        frozenset(
            {"libm.so.6", "libc.so.6", "libz.so.1", "libglib-2.0.so.0", "libgthread-2.0.so.0"}
        ),
        (2, 34),
    )
    assert debian_package.dependencies(needs) == ["libc6 (>= 2.34)", "libglib2.0-0", "zlib1g"]


def test_a_library_without_a_known_package_stops_the_build() -> None:
    with pytest.raises(SetupError, match=r"libnew\.so\.1"):
        debian_package.dependencies(debian_package.Needs(frozenset({"libnew.so.1"}), (2, 34)))


@pytest.mark.parametrize(
    ("python", "debian"),
    [("1.2.3", "1.2.3"), ("1.2rc1", "1.2~rc1"), ("1.2.dev3", "1.2~dev3"), ("2.0a1", "2.0~a1")],
)
def test_what_comes_before_a_release_is_less_than_it(python: str, debian: str) -> None:
    assert debian_package.debian_version(python) == debian


def test_the_control_file_has_every_field_a_package_must_have() -> None:
    text = debian_package.control("0.1.0", "amd64", 2049, ["libc6 (>= 2.34)", "zlib1g"])
    fields = dict(line.split(": ", 1) for line in text.splitlines() if not line.startswith(" "))
    assert fields["Package"] == "ponder"
    assert fields["Installed-Size"] == "3"
    assert fields["Depends"] == "libc6 (>= 2.34), zlib1g"
    assert {"Version", "Architecture", "Maintainer", "Description"} <= fields.keys()
    assert text.endswith("\n")


def test_files_go_where_the_system_looks_for_them(folder: Path, tmp_path: Path) -> None:
    root = tmp_path / "root"
    debian_package.place_files(root, folder, "0.1.0")
    assert (root / "usr/bin/ponder").resolve() == root / "usr/lib/ponder/ponder"
    assert (root / "usr/lib/ponder/_internal/libQt6.so").is_symlink()
    assert (root / "usr/share/icons/hicolor/scalable/apps/ponder.svg").is_file()
    told = (root / "usr/share/doc/ponder/copyright").read_text()
    assert "zlib licence" in told
    assert "Text" not in told
    assert not [path for path in root.rglob("*") if "home" in path.parts or "etc" in path.parts]


def test_everybody_may_read_and_run_what_is_installed(folder: Path, tmp_path: Path) -> None:
    root = tmp_path / "root"
    debian_package.place_files(root, folder, "0.1.0")
    assert (root / "usr/lib/ponder/ponder").stat().st_mode & 0o777 == 0o755
    assert (root / "usr/lib/ponder/_internal/libQt6Core.so.6").stat().st_mode & 0o777 == 0o644
    assert (root / "usr/share/applications/ponder.desktop").stat().st_mode & 0o777 == 0o644


def test_the_desktop_entry_opens_model_files_with_our_program_and_icon() -> None:
    entry = configparser.ConfigParser(interpolation=None)
    entry.read(debian_package.DATA / "ponder.desktop")
    fields = entry["Desktop Entry"]
    assert fields["Exec"] == "ponder %f"
    assert fields["Icon"] == "ponder"
    assert "application/x-gguf" in fields["MimeType"].split(";")


def test_the_file_type_is_known_by_name_and_by_content() -> None:
    space = "{http://www.freedesktop.org/standards/shared-mime-info}"
    root = ElementTree.parse(debian_package.DATA / "ponder-mime.xml").getroot()
    kind = root.find(f"{space}mime-type")
    assert kind is not None
    assert kind.get("type") == "application/x-gguf"
    assert [glob.get("pattern") for glob in kind.iter(f"{space}glob")] == ["*.gguf"]
    assert [match.get("value") for match in kind.iter(f"{space}match")] == ["GGUF"]


def test_appstream_data_names_the_version_the_day_and_the_desktop_entry() -> None:
    text = (debian_package.DATA / "ponder.metainfo.xml").read_text(encoding="utf-8")
    root = ElementTree.fromstring(debian_package.metainfo(text, "1.2.3", 0.0).encode())
    release = root.find("releases/release")
    assert release is not None
    assert (release.get("version"), release.get("date")) == ("1.2.3", "1970-01-01")
    assert root.findtext("launchable") == "ponder.desktop"
    assert "@" not in ElementTree.tostring(root, encoding="unicode")


def test_the_icon_is_a_square_picture() -> None:
    root = ElementTree.parse(debian_package.DATA / "ponder.svg").getroot()
    assert root.get("viewBox") == "0 0 128 128"


def test_the_version_is_that_of_the_project() -> None:
    assert debian_package.project_version()[0].isdigit()
