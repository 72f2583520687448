"""What changes while the settings are open is not set back by OK."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace
from PySide6.QtWidgets import QDialogButtonBox, QDoubleSpinBox
from pytestqt.qtbot import QtBot

from desktop_app.folders import folders
from desktop_app.settings import LibrarySettings, Settings, with_changes
from desktop_app.settings_dialog import SettingsDialog
from engine.generation import LoadOptions, Sampling
from engine.options import PolicyRow
from tests.desktop_app.window_driver import VOTE, Driver

POLICY = (PolicyRow(0.0, "vote", 4),)


def temperature(dialog: SettingsDialog) -> QDoubleSpinBox:
    boxes = dialog.findChildren(QDoubleSpinBox)
    return next(box for box in boxes if box.accessibleName() == "Temperature")


def test_ok_keeps_what_others_changed_and_takes_what_the_person_changed(driver: Driver) -> None:
    driver.settle()
    preferences = driver.work.preferences
    preferences.open_dialog(driver.window, model_loaded=False)
    dialog = driver.window.findChild(SettingsDialog)
    assert isinstance(dialog, SettingsDialog)
    temperature(dialog).setValue(0.3)
    path = driver.load(VOTE)
    preferences.choose_models_folder(Path("/moved"))
    preferences.choose_policy(POLICY)
    preferences.choose_attempts(32)
    dialog.accept()
    settings = driver.work.settings
    assert settings.sampling.temperature == 0.3
    assert settings.model.path == str(path)
    assert settings.library.folder == "/moved"
    assert settings.thinking.options.policy == POLICY
    assert (settings.thinking.strategy, settings.thinking.attempts) == ("auto", 32)


def test_a_field_that_was_not_touched_keeps_what_it_became(qtbot: QtBot) -> None:
    opened = Settings(sampling=Sampling(temperature=0.123456))
    dialog = SettingsDialog(opened, folders())
    qtbot.addWidget(dialog)
    assert dialog.applied_to(opened) == opened
    now = replace(
        opened,
        engine=LoadOptions(slots=3),
        library=LibrarySettings(folders=("/added",)),
    )
    assert dialog.applied_to(now) == now


def test_restored_defaults_replace_what_was_shown(qtbot: QtBot) -> None:
    opened = Settings(engine=LoadOptions(slots=3), sampling=Sampling(temperature=0.3))
    dialog = SettingsDialog(opened, folders())
    qtbot.addWidget(dialog)
    box = dialog.findChild(QDialogButtonBox)
    assert isinstance(box, QDialogButtonBox)
    box.button(QDialogButtonBox.StandardButton.RestoreDefaults).click()
    assert dialog.applied_to(opened) == Settings()


def test_changes_are_carried_field_by_field() -> None:
    before = Settings()
    after = replace(before, engine=LoadOptions(slots=3))
    now = replace(before, engine=LoadOptions(threads=2), library=LibrarySettings("/moved"))
    carried = with_changes(now, before, after)
    assert carried == replace(now, engine=LoadOptions(slots=3, threads=2))
