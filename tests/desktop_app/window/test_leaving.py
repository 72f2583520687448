"""Closing the window: a question where work would stop, and a way to hide it instead."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop_app.app import QuitStage
from desktop_app.chat.phase import ChatPhase
from desktop_app.library.models_dialog import ModelsTab
from desktop_app.window.quit_dialog import QuitDialog
from desktop_app.window.shortcuts import Command
from desktop_app.window.tray import Tray
from desktop_app.window.work_under_way import WorkUnderWay
from tests.desktop_app.window_driver import HOLD, VOTE, Driver

pytestmark = pytest.mark.qt_log_ignore("systemTrayWindowChanged")  # offscreen has none to watch

OpenWindow = Callable[..., Driver]


@pytest.fixture
def tray() -> Tray:
    return Tray(lambda: True)


@pytest.fixture
def thinking(open_window: OpenWindow, tray: Tray) -> Driver:
    """A window with a tray that thinks about a question without end."""
    driver = open_window(tray=tray)
    think(driver)
    return driver


def think(driver: Driver) -> None:
    driver.load(HOLD)
    driver.slide(2)
    driver.write("How many?")
    driver.wait_phase(ChatPhase.THINKING)


def question(driver: Driver) -> QuitDialog:
    asked = driver.ponder.leaving.question
    assert asked is not None
    assert asked.isVisible()
    return asked


def press(driver: Driver, text: str) -> None:
    question(driver).buttons[text].click()


def choose(tray: Tray, text: str) -> None:
    assert tray.icon is not None
    actions = tray.icon.contextMenu().actions()
    next(action for action in actions if action.text() == text).trigger()


def test_an_idle_window_is_closed_unasked(open_window: OpenWindow, tray: Tray) -> None:
    driver = open_window(tray=tray)
    driver.load(VOTE)
    driver.ask("How many?")
    driver.window.composer.set_text("written and not sent")
    driver.window.close()
    assert driver.ponder.leaving.question is None
    driver.wait(lambda: QuitStage.DONE in driver.ponder.stages)


def keep(driver: Driver) -> None:
    press(driver, "Keep Ponder open")


def escape(driver: Driver) -> None:
    QTest.keyClick(question(driver), Qt.Key.Key_Escape)


@pytest.mark.parametrize("answer", [keep, escape])
def test_what_would_stop_is_named_and_can_go_on(
    thinking: Driver, answer: Callable[[Driver], None]
) -> None:
    thinking.window.close()
    assert question(thinking).text == "A question is being thought about."
    assert question(thinking).buttons["Keep Ponder open"].isDefault()
    answer(thinking)
    assert thinking.ponder.leaving.question is None
    assert thinking.ponder.stages == []
    assert thinking.window.isVisible()
    assert thinking.chat.phase is ChatPhase.THINKING
    thinking.window.close()
    assert question(thinking)


def test_it_quits_when_told_so(thinking: Driver) -> None:
    thinking.window.close()
    thinking.window.close()
    assert len(thinking.window.findChildren(QuitDialog)) == 1
    press(thinking, "Quit")
    thinking.wait(lambda: QuitStage.DONE in thinking.ponder.stages)
    assert thinking.ponder.stages == sorted(QuitStage)


def test_the_end_of_the_process_asks_nobody(thinking: Driver) -> None:
    thinking.window.close()
    asked = question(thinking)
    thinking.ponder.quit()  # as a signal does
    assert asked.isHidden()
    thinking.wait(lambda: QuitStage.DONE in thinking.ponder.stages)


def test_without_a_tray_nothing_can_be_hidden(open_window: OpenWindow) -> None:
    driver = open_window(tray=Tray(lambda: False))
    think(driver)
    driver.window.close()
    assert set(question(driver).buttons) == {"Keep Ponder open", "Quit"}


def test_a_hidden_window_goes_on_and_comes_back(thinking: Driver, tray: Tray) -> None:
    thinking.work.library.open(ModelsTab.FIND)
    models = thinking.work.library.dialog
    assert models is not None
    thinking.window.close()
    press(thinking, "Hide the window")
    assert not thinking.window.isVisible()
    assert not models.isVisible()
    assert thinking.ponder.stages == []
    thinking.wait(
        lambda: bool(thinking.window.panel.view and thinking.window.panel.view.tally.groups)
    )
    thinking.chat.answer_now()
    thinking.wait(lambda: not thinking.chat.busy)
    assert thinking.chat.last_answer_text == "Answer: 4"
    choose(tray, "Show Ponder")
    assert thinking.window.isVisible()
    assert models.isVisible()
    assert tray.icon is None


def test_another_start_brings_a_hidden_window_back(thinking: Driver, tray: Tray) -> None:
    thinking.window.close()
    press(thinking, "Hide the window")
    assert tray.icon is not None
    thinking.ponder.raise_window("")
    assert thinking.window.isVisible()
    assert tray.icon is None


def test_quitting_from_the_tray_asks_in_sight(thinking: Driver, tray: Tray) -> None:
    thinking.window.close()
    press(thinking, "Hide the window")
    choose(tray, "Quit")
    assert thinking.window.isVisible()
    assert question(thinking)


def test_quitting_from_the_tray_is_quick_where_nothing_is_lost(
    thinking: Driver, tray: Tray
) -> None:
    thinking.window.close()
    press(thinking, "Hide the window")
    thinking.chat.stop()
    thinking.wait(lambda: not thinking.chat.busy)
    choose(tray, "Quit")
    thinking.wait(lambda: QuitStage.DONE in thinking.ponder.stages)
    assert tray.icon is None


def test_questions_that_wait_are_counted(thinking: Driver) -> None:
    for text in ("Second?", "Third?"):
        thinking.work.on_command(Command.NEW_CONVERSATION)
        thinking.write(text)
    thinking.window.close()
    assert question(thinking).text == "A question is being thought about, and 2 others wait."


@pytest.mark.parametrize(
    ("work", "said"),
    [
        (WorkUnderWay(), []),
        (WorkUnderWay(sweeping=True), ["A sweep is running; it can be resumed."]),
        (
            WorkUnderWay(sweeping=True, samples_done=34, samples=1200),
            ["A sweep is running (34 of 1,200 samples); it can be resumed."],
        ),
        (WorkUnderWay(waiting=1), ["A question waits."]),
        (WorkUnderWay(waiting=3), ["3 questions wait."]),
        (
            WorkUnderWay(thinking=True, waiting=1),
            ["A question is being thought about, and another one waits."],
        ),
        (
            WorkUnderWay(downloads=1, serving=True),
            [
                "A model is being downloaded; that goes on at the next start.",
                "The API is served to programs on this computer.",
            ],
        ),
        (
            WorkUnderWay(downloads=2),
            ["2 models are being downloaded; that goes on at the next start."],
        ),
    ],
)
def test_each_kind_of_work_has_its_sentence(work: WorkUnderWay, said: list[str]) -> None:
    assert work.sentences() == said
