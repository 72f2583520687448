"""A screen reader hears how the answer came out that is seen, and only that one."""

from __future__ import annotations

import os
import signal

import pytest
from PySide6.QtGui import QAccessibleAnnouncementEvent, QAccessibleEvent

from desktop_app.chat.phase import ChatPhase
from desktop_app.window.shortcuts import Command
from tests.desktop_app.window_driver import HOLD, VOTE, Driver


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    heard: list[str] = []

    def listen(event: QAccessibleEvent) -> None:
        if isinstance(event, QAccessibleAnnouncementEvent):
            heard.append(event.message())

    monkeypatch.setattr("desktop_app.window.speaking.QAccessible.updateAccessibility", listen)
    return heard


def test_the_verdict_is_heard(driver: Driver, heard: list[str]) -> None:
    driver.load(VOTE)
    driver.ask("How many?")
    assert heard == ["The answer is ready: 4. 3 of 4 agree."]


def test_a_tie_is_heard_as_one(driver: Driver, heard: list[str]) -> None:
    driver.load([{"text": "Answer: 4"}, {"text": "Answer: 5"}])
    driver.ask("How many?", attempts=2)
    assert heard == ["The answer is ready: no majority in 2 samples."]


def test_a_long_answer_is_cut_and_commands_nothing(driver: Driver, heard: list[str]) -> None:
    driver.load([{"text": "Answer: \u202e" + "many " * 60}])
    driver.ask("How many?", attempts=2)
    (said,) = heard
    assert "\u202e" not in said
    assert len(said) < 160


def test_a_failure_and_a_stop_are_heard(driver: Driver, heard: list[str]) -> None:
    driver.load(HOLD)
    driver.slide(2)
    driver.write("How many?")
    driver.wait_phase(ChatPhase.THINKING)
    driver.wait(lambda: bool(driver.window.panel.view and driver.window.panel.view.tally.groups))
    driver.chat.stop()
    driver.wait(lambda: not driver.chat.busy)
    assert heard == ["Stopped."]
    driver.write("And now?")
    driver.wait(lambda: bool(driver.window.panel.view and driver.window.panel.view.tally.groups))
    process_id = driver.work.session.worker_process_id
    assert process_id is not None
    os.kill(process_id, signal.SIGTERM)
    driver.wait(lambda: not driver.chat.busy)
    assert "Not answered: The engine process ended unexpectedly." in heard


def test_another_conversation_is_not_heard(driver: Driver, heard: list[str]) -> None:
    driver.load(HOLD)
    driver.slide(2)
    driver.write("How many?")
    driver.wait(lambda: bool(driver.window.panel.view and driver.window.panel.view.tally.groups))
    asked = driver.window.panel.view
    assert asked is not None
    driver.work.on_command(Command.NEW_CONVERSATION)
    driver.work.session.answer_now(asked.deliberation_id)
    driver.wait(lambda: not driver.chat.busy)
    assert heard == []
