"""The end of long work calls a person back, in words that give nothing of it away."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import msgspec
import pytest
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget

from desktop_app.chat.phase import ChatPhase
from desktop_app.window.attention import Attention
from desktop_app.window.shortcuts import Command
from desktop_app.window.tray import Tray
from engine.lab.records import SweepStatus
from tests.desktop_app.window_driver import HOLD, VOTE, Driver

pytestmark = pytest.mark.qt_log_ignore("systemTrayWindowChanged")  # offscreen has none to watch

OpenWindow = Callable[..., Driver]


class Called:
    """What reached the person."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []
        self.alerts = 0


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> Called:
    called = Called()

    def show(_icon: object, title: str, text: str, *_how: object) -> None:
        called.told.append((title, text))

    def alert(_window: object) -> None:
        called.alerts += 1

    monkeypatch.setattr("desktop_app.window.tray.QSystemTrayIcon.showMessage", show)
    monkeypatch.setattr("desktop_app.window.attention.QApplication.alert", alert)
    return called


@pytest.fixture
def tray() -> Tray:
    return Tray(lambda: True)


@pytest.fixture
def away(open_window: OpenWindow, tray: Tray) -> Driver:
    """A window that is not in front and tells of everything, however short."""
    driver = open_window(tray=tray)
    attention_of(driver).long_seconds = 0.0
    go_away(driver)
    return driver


def go_away(driver: Driver) -> None:
    """Let another window come to the front, and nothing of Ponder be there when that has gone."""
    with driver.qtbot.waitActive(driver.window):
        driver.window.activateWindow()
    other = QWidget()
    with driver.qtbot.waitActive(other):
        other.show()
        other.activateWindow()
    other.close()
    driver.wait(lambda: QApplication.activeWindow() is None)


def attention_of(driver: Driver) -> Attention:
    assert driver.ponder.attention is not None
    return driver.ponder.attention


def click_message(tray: Tray) -> None:
    assert tray.icon is not None
    tray.icon.messageClicked.emit()


def click_icon(tray: Tray) -> None:
    assert tray.icon is not None
    tray.icon.activated.emit(QSystemTrayIcon.ActivationReason.Trigger)


@pytest.mark.parametrize("click", [click_message, click_icon])
def test_the_end_is_told_without_a_word_of_the_conversation_and_a_click_shows_it(
    away: Driver, tray: Tray, called: Called, click: Callable[[Tray], None]
) -> None:
    away.load(HOLD)
    away.slide(2)
    away.write("How many?")
    away.wait(lambda: bool(away.window.panel.view and away.window.panel.view.tally.groups))
    asked_in, asked = away.chat.visible_id, away.window.panel.view
    assert asked is not None
    away.work.on_command(Command.NEW_CONVERSATION)
    away.work.session.answer_now(asked.deliberation_id)
    away.wait(lambda: not away.chat.busy)
    assert called.told == [("Ponder", "The answer is ready.")]
    assert called.alerts == 1
    away.window.hide()
    click(tray)
    away.wait(lambda: away.chat.visible_id == asked_in)
    assert away.window.isVisible()
    assert tray.icon is None


def test_a_failure_is_told_too(away: Driver, called: Called) -> None:
    away.load(HOLD)
    away.slide(2)
    away.write("How many?")
    away.wait(lambda: bool(away.window.panel.view and away.window.panel.view.tally.groups))
    process_id = away.work.session.worker_process_id
    assert process_id is not None
    os.kill(process_id, signal.SIGTERM)
    away.wait(lambda: not away.chat.busy)
    assert called.told == [("Ponder", "The question was not answered.")]


def in_front(driver: Driver) -> None:
    driver.window.activateWindow()
    driver.wait(driver.window.isActiveWindow)


def not_wanted(driver: Driver) -> None:
    settings = driver.work.settings
    quiet = msgspec.structs.replace(settings.appearance, tell_when_ready=False)
    driver.work.current_settings.apply(msgspec.structs.replace(settings, appearance=quiet))


def too_short(driver: Driver) -> None:
    attention_of(driver).long_seconds = 3600.0


@pytest.mark.parametrize("why", [in_front, not_wanted, too_short])
def test_nothing_is_told_where_that_helps_nobody(
    away: Driver, tray: Tray, called: Called, why: Callable[[Driver], None]
) -> None:
    away.load(VOTE)
    why(away)
    away.ask("How many?")
    assert away.chat.last_answer_text
    assert called.told == []
    assert called.alerts == 0
    assert tray.icon is None


def test_what_the_person_ended_is_not_told(away: Driver, called: Called) -> None:
    away.load(HOLD)
    away.slide(2)
    away.write("How many?")
    away.wait_phase(ChatPhase.THINKING)
    away.chat.stop()
    away.wait(lambda: not away.chat.busy)
    away.work.lab.runner.ended.emit(SweepStatus.PAUSED, 60.0)
    assert called.told == []


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (SweepStatus.FINISHED, "The sweep is finished."),
        (SweepStatus.STOPPED, "The sweep has stopped at its limit."),
        (None, "The sweep could not go on."),
    ],
)
def test_the_end_of_a_sweep_is_told_and_a_click_opens_the_lab(
    away: Driver, tray: Tray, called: Called, status: SweepStatus | None, text: str
) -> None:
    away.work.lab.runner.ended.emit(status, 60.0)
    assert called.told == [("Ponder", text)]
    click_message(tray)
    assert away.work.lab.window is not None
    assert away.work.lab.window.isVisible()


def test_without_a_tray_the_task_bar_alone_tells(open_window: OpenWindow, called: Called) -> None:
    tray = Tray(lambda: False)
    driver = open_window(tray=tray)
    go_away(driver)
    driver.work.lab.runner.ended.emit(SweepStatus.FINISHED, 60.0)
    assert called.alerts == 1
    assert called.told == []
    assert tray.icon is None


def test_what_was_told_is_forgotten_once_the_person_was_there(away: Driver, tray: Tray) -> None:
    away.work.lab.runner.ended.emit(SweepStatus.FINISHED, 60.0)
    in_front(away)
    tray.show()
    click_icon(tray)
    assert away.work.lab.window is None


def test_the_icon_goes_when_the_window_comes_to_the_front(away: Driver, tray: Tray) -> None:
    away.work.lab.runner.ended.emit(SweepStatus.FINISHED, 60.0)
    assert tray.icon is not None
    in_front(away)
    assert tray.icon is None
