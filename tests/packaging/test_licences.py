"""The licences of others: found in the metadata of packages, gathered in one text."""

from __future__ import annotations

from pathlib import Path

import licences
import pytest
from licences import Part
from progress import SetupError


def add_distribution(folder: Path, name: str, metadata: str, licence: str = "") -> None:
    """Install the smallest package there can be."""
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    head = f"Metadata-Version: 2.4\nName: {name}\nVersion: 1.0\n{metadata}\n"
    (info / "METADATA").write_text(head)
    record = f"{info.name}/METADATA,,\n"
    if licence:
        (info / "licenses").mkdir()
        (info / "licenses" / "LICENSE.txt").write_text(licence)
        record += f"{info.name}/licenses/LICENSE.txt,,\n"
    (info / "RECORD").write_text(record)


def test_a_package_tells_its_licence_and_its_text(tmp_path: Path) -> None:
    add_distribution(tmp_path, "Some_Package", "License-Expression: MIT", "Permission is granted")
    assert licences.python_parts(tmp_path) == [
        Part("some-package", "1.0", "MIT", ("Permission is granted",))
    ]


def test_an_old_package_tells_it_by_its_classifiers(tmp_path: Path) -> None:
    add_distribution(tmp_path, "old", "Classifier: License :: OSI Approved :: BSD License")
    assert licences.python_parts(tmp_path)[0].licence == "BSD License"


def test_a_package_that_says_nothing_stops_the_build(tmp_path: Path) -> None:
    add_distribution(tmp_path, "silent", "")
    with pytest.raises(SetupError, match="silent"):
        licences.python_parts(tmp_path)


def test_tools_of_the_build_are_not_in_the_package(tmp_path: Path) -> None:
    add_distribution(tmp_path, "pyinstaller", "License-Expression: GPL-2.0-or-later")
    assert licences.python_parts(tmp_path) == []


def test_qt_comes_with_the_text_that_its_wheel_lacks(tmp_path: Path) -> None:
    add_distribution(tmp_path, "PySide6_Essentials", "License: LGPL-3.0-only OR GPL-3.0-only")
    [part] = licences.python_parts(tmp_path)
    assert any("GNU LESSER GENERAL PUBLIC LICENSE" in text for text in part.texts)


def test_python_and_llama_cpp_are_named() -> None:
    parts = {part.name: part for part in licences.fixed_parts()}
    assert "Permission is hereby granted" in parts["llama.cpp and ggml"].texts[0]
    assert parts["Python"].licence == "PSF-2.0"


def test_a_text_that_several_share_is_there_once() -> None:
    text = licences.compose([Part("a", "1", "MIT", ("same",)), Part("b", "2", "", ("same\n",))])
    assert "  a 1: MIT" in text
    assert "  b 2: see below" in text
    assert text.count("same") == 1
    assert "a, b" in text
