"""Folders of models in the settings."""

from __future__ import annotations

from pathlib import Path

import msgspec
from PySide6.QtWidgets import QCheckBox, QListWidget, QPushButton
from pytestqt.qtbot import QtBot

from desktop_app.library.folder_form import FolderForm
from desktop_app.settings import LibrarySettings
from tests.bench.generated_model import TINY, generate_model
from tests.desktop_app.window_driver import Driver


def test_folders_come_and_go(qtbot: QtBot) -> None:
    form = FolderForm(LibrarySettings(folder="/mine", folders=("/one", "/two")))
    qtbot.addWidget(form)
    form.add(Path("/three"))
    form.add(Path("/one"))
    form.findChildren(QListWidget)[0].setCurrentRow(1)
    remove = next(b for b in form.findChildren(QPushButton) if "list" in b.text())
    remove.click()
    form.findChildren(QCheckBox)[0].setChecked(False)
    assert form.settings == LibrarySettings("/mine", ("/one", "/three"), others=False)


def test_the_library_follows_the_settings(driver: Driver, tmp_path: Path) -> None:
    generate_model(tmp_path / "more" / "tiny.gguf", TINY)
    driver.wait(lambda: bool(driver.work.library.library.models))
    settings = driver.work.settings
    library = msgspec.structs.replace(settings.library, folders=(str(tmp_path / "more"),))
    driver.work.current_settings.apply(msgspec.structs.replace(settings, library=library))
    driver.wait(lambda: any(m.name == "tiny" for m in driver.work.library.library.models))
    (found,) = (m for m in driver.work.library.library.models if m.name == "tiny")
    assert found.path == tmp_path / "more" / "tiny.gguf"
