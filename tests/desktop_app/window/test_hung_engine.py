"""An engine process that is really stopped, under a window that goes on."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import psutil
import pytest
from PySide6.QtWidgets import QLabel

from desktop_app.chat.phase import ChatPhase
from desktop_app.chat.turn import TurnState
from engine import session as session_module
from engine.client import EngineClient
from engine.silence import Patience
from tests.desktop_app.window_driver import HOLD, Driver

LONG = "What is it? " * 25_000
"""More than a pipe holds."""


def words_of(driver: Driver) -> list[str]:
    """What stands in labels of the transcript."""
    return [label.text() for label in driver.window.transcript.findChildren(QLabel)]


@pytest.mark.usefixtures("impatient")
def test_a_question_to_a_hung_engine_can_be_stopped_and_the_model_comes_back(
    open_window: Callable[..., Driver],
) -> None:
    driver = open_window()
    driver.load(HOLD)
    driver.slide(2)
    worker = psutil.Process(driver.work.session.worker_process_id)
    worker.suspend()
    driver.write(LONG)
    driver.wait_phase(ChatPhase.THINKING)
    driver.wait(lambda: "Waiting for the engine" in words_of(driver))
    bar = driver.window.message_bar
    driver.wait(lambda: bar.message is not None)
    assert bar.message is not None
    assert bar.message.title == "The engine gives no sign of life"
    driver.chat.stop()
    driver.wait_phase(ChatPhase.READY)
    assert bar.message is None
    answer = driver.chat.turns()[-1]
    assert (answer.state, answer.error_title) == (TurnState.FAILED, "The engine did not answer")
    assert not worker.is_running()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    patience = Patience(look_seconds=0.05, silent_looks=10, hung_looks=15, stop_looks=5)
    monkeypatch.setattr(session_module, "EngineClient", partial(EngineClient, patience=patience))
