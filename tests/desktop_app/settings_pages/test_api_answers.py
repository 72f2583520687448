"""The answers of the API in the settings: counted, and deleted once the person agrees."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QMessageBox

from desktop_app.settings_pages.api_answers import ApiAnswers
from desktop_app.settings_pages.settings_dialog import SettingsDialog
from desktop_app.window.current_settings import SettingsPage
from engine.budget import Budget
from engine.generation import LoadOptions, Sampling
from engine.journal.records import DeliberationRecord, now
from tests.desktop_app.window_driver import Driver


def keep(driver: Driver, count: int) -> None:
    """Let the journal hold answers as the API leaves them."""
    journal = driver.work._journal
    for number in range(count):
        name = f"answer {number}"
        record = DeliberationRecord(
            name, None, "vote", Budget(), Sampling(), 1, "m.gguf", LoadOptions(), now()
        )
        journal.start_deliberation(record).result()
        journal.fail_deliberation(name, "worker-died", "").result()


def opened(driver: Driver) -> ApiAnswers:
    settings = driver.work.current_settings
    settings.open_dialog(driver.window, model_loaded=False, at=SettingsPage.FOLDERS)
    line = driver.window.findChildren(SettingsDialog)[-1].findChild(ApiAnswers)
    assert isinstance(line, ApiAnswers)
    driver.wait(lambda: bool(line.count.text()))
    return line


@pytest.mark.parametrize(
    ("said", "left"), [(QMessageBox.StandardButton.Yes, 0), (QMessageBox.StandardButton.No, 2)]
)
def test_they_go_when_the_person_says_so(
    said: QMessageBox.StandardButton, left: int, driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(driver, 2)
    line = opened(driver)
    assert line.count.text().startswith("2 answers kept")
    asked: list[str] = []

    def answer(_parent: object, _title: str, text: str) -> QMessageBox.StandardButton:
        asked.append(text)
        return said

    monkeypatch.setattr(QMessageBox, "question", answer)
    line.delete_button.click()
    driver.wait(lambda: line.count.text().startswith("none" if left == 0 else "2") and bool(asked))
    assert asked[0].startswith("2 answers ")
    assert driver.work._journal.count_apart().result() == left
    assert line.delete_button.isEnabled() is (left > 0)


def test_without_answers_there_is_nothing_to_delete(driver: Driver) -> None:
    line = opened(driver)
    assert line.count.text() == "none kept"
    assert not line.delete_button.isEnabled()
