"""Settings that change meanwhile: in the dialog, in the window, in the terminal."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace
from PySide6.QtWidgets import QDialogButtonBox, QDoubleSpinBox
from pytestqt.qtbot import QtBot

from desktop_app.folders import folders
from desktop_app.settings import (
    LibrarySettings,
    Settings,
    load_settings,
    save_settings,
    with_changes,
    with_policy,
)
from desktop_app.settings_pages.settings_dialog import SettingsDialog
from desktop_app.window.current_settings import SettingsPage
from desktop_app.window.settings_keeper import SettingsKeeper
from desktop_app.window.shortcuts import Command
from engine.generation import LoadOptions, Sampling
from engine.options import Look, Policy, PolicyRow, Weighting
from tests.desktop_app.window_driver import VOTE, Driver

POLICY = Policy((PolicyRow(0.0, "vote", 4, looks=(Look(2, 1.5),)),), Weighting.LIKELIHOOD, 0.05)


def temperature(dialog: SettingsDialog) -> QDoubleSpinBox:
    boxes = dialog.findChildren(QDoubleSpinBox)
    return next(box for box in boxes if box.accessibleName() == "Temperature")


def test_ok_keeps_what_others_changed_and_takes_what_the_person_changed(driver: Driver) -> None:
    driver.settle()
    current = driver.work.current_settings
    current.open_dialog(driver.window, model_loaded=False)
    dialog = driver.window.findChild(SettingsDialog)
    assert isinstance(dialog, SettingsDialog)
    temperature(dialog).setValue(0.3)
    path = driver.load(VOTE)
    current.choose_models_folder(Path("/moved"))
    current.choose_policy(POLICY, "/models/a.gguf")
    current.choose_attempts(32)
    dialog.accept()
    settings = driver.work.settings
    assert settings.sampling.temperature == 0.3
    assert settings.model.path == str(path)
    assert settings.library.folder == "/moved"
    assert settings.thinking.table_for("C:\\models\\a.gguf") == POLICY
    assert settings.thinking.options_for("b.gguf") == settings.thinking.options
    options = settings.thinking.options_for("/elsewhere/a.gguf")
    assert (options.policy, options.weighting) == (POLICY.rows, Weighting.LIKELIHOOD)
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
    for page in (SettingsPage.ENGINE, SettingsPage.SAMPLING):
        dialog.show_page(page)
        box.button(QDialogButtonBox.StandardButton.RestoreDefaults).click()
    assert dialog.applied_to(opened) == Settings()


def test_changes_are_carried_field_by_field() -> None:
    before = Settings()
    after = replace(before, engine=LoadOptions(slots=3))
    now = replace(before, engine=LoadOptions(threads=2), library=LibrarySettings("/moved"))
    carried = with_changes(now, before, after)
    assert carried == replace(now, engine=LoadOptions(slots=3, threads=2))


def test_tables_of_several_models_stand_beside_each_other() -> None:
    start = with_policy(with_policy(Settings(), POLICY, "a.gguf"), POLICY, "b.gguf")
    now = with_policy(start, POLICY, "terminal.gguf")
    after = with_policy(start, POLICY, "window.gguf")
    tables = {k: v for k, v in after.thinking.auto_tables.items() if k != "a.gguf"}
    after = replace(after, thinking=replace(after.thinking, auto_tables=tables))
    carried = with_changes(now, start, after).thinking.auto_tables
    assert sorted(carried) == ["b.gguf", "terminal.gguf", "window.gguf"]


def test_a_choice_is_kept_while_the_window_is_open(driver: Driver) -> None:
    def kept() -> Settings:
        return load_settings(folders().settings).settings

    path = driver.load(VOTE)
    driver.work.on_command(Command.ZOOM_IN)
    driver.slide(32)
    driver.ask("How many?", attempts=16)
    driver.wait(lambda: kept().window.conversation_id == driver.chat.visible_id)
    driver.wait(lambda: kept().thinking.attempts == 16)
    assert kept().model.path == str(path)
    assert kept().appearance.zoom > 1


def test_what_the_terminal_wrote_meanwhile_stays(driver: Driver) -> None:
    driver.work.current_settings.choose_attempts(4)
    driver.wait(lambda: load_settings(folders().settings).settings.thinking.attempts == 4)
    now = load_settings(folders().settings).settings
    save_settings(folders().settings, with_policy(now, POLICY, "a.gguf"))
    driver.work.current_settings.choose_attempts(2)
    driver.quit()
    kept = load_settings(folders().settings).settings.thinking
    assert kept.auto_tables == {"a.gguf": POLICY}
    assert (kept.strategy, kept.attempts) == ("auto", 2)


def test_a_file_that_became_unreadable_is_written_anew(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    opened = Settings(sampling=Sampling(temperature=0.3))
    keeper = SettingsKeeper(path, opened)
    path.write_text("[[[")
    keeper.want(replace(opened, engine=LoadOptions(slots=3)))
    keeper.write()
    assert load_settings(path).settings == replace(opened, engine=LoadOptions(slots=3))
    assert (tmp_path / "settings.toml.bad").read_text() == "[[["


def test_settings_that_cannot_be_written_are_told_and_tried_again(driver: Driver) -> None:
    driver.settle()
    place = folders().settings
    place.unlink(missing_ok=True)
    place.mkdir(parents=True)
    driver.work.current_settings.choose_attempts(4)
    bar = driver.window.message_bar
    driver.wait(lambda: bar.message is not None)
    assert bar.message is not None
    assert bar.message.title == "The settings were not saved"
    place.rmdir()
    driver.work.current_settings.choose_attempts(2)
    driver.wait(place.is_file)
    assert load_settings(place).settings.thinking.attempts == 2
