"""Escape in a field that it closes: the field goes, what is thought about goes on."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from desktop_app.chat.phase import ChatPhase
from desktop_app.chat.transcript_editor import QuestionEditor
from desktop_app.chat.transcript_turn import TurnWidget
from desktop_app.chat.turn import Role
from desktop_app.thinking.number_field import NumberField
from desktop_app.window.main_window import MainWindow
from desktop_app.window.shortcuts import Command
from tests.desktop_app.window_driver import Driver


@pytest.fixture
def thinking(driver: Driver) -> Driver:
    """An active window whose answer does not end by itself."""
    driver.load([{"text": "Answer: 4", "hold": True}])
    driver.slide(8)
    driver.write("How many?")
    driver.wait_phase(ChatPhase.THINKING)
    with driver.qtbot.waitActive(driver.window):
        driver.window.activateWindow()
    return driver


def commands(window: MainWindow) -> list[Command]:
    """What the window's shortcuts ask for from now on."""
    asked: list[Command] = []
    window.commanded.connect(asked.append)
    return asked


def open_editor(window: MainWindow) -> QuestionEditor:
    turns = window.transcript.findChildren(TurnWidget)
    next(turn for turn in turns if turn.turn.role is Role.USER).start_editing()
    editor = window.transcript.findChild(QuestionEditor)
    assert isinstance(editor, QuestionEditor)
    return editor


def text_of(editor: QuestionEditor) -> QWidget:
    field = editor.focusProxy()
    assert field is not None
    return field


def cancel_of(editor: QuestionEditor) -> QWidget:
    return next(b for b in editor.findChildren(QPushButton) if b.text() == "Cancel")


@pytest.mark.parametrize("place", [text_of, cancel_of])
def test_escape_closes_the_question_editor_alone(
    thinking: Driver, place: Callable[[QuestionEditor], QWidget]
) -> None:
    asked = commands(thinking.window)
    editor = open_editor(thinking.window)
    place(editor).setFocus()
    QTest.keyClick(place(editor), Qt.Key.Key_Escape)
    assert editor.isHidden()
    assert asked == []
    assert thinking.chat.phase is ChatPhase.THINKING


def test_escape_gives_up_the_number_alone(thinking: Driver) -> None:
    asked = commands(thinking.window)
    slider = thinking.window.composer.slider
    slider.setFocus()
    QTest.keyClick(slider, Qt.Key.Key_5)
    field = slider.findChild(NumberField)
    assert isinstance(field, NumberField)
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert field.isHidden()
    assert QApplication.focusWidget() is slider
    assert (slider.attempts, asked) == (8, [])
    assert thinking.chat.phase is ChatPhase.THINKING


def test_escape_anywhere_else_stops(thinking: Driver) -> None:
    QTest.keyClick(thinking.window.composer.edit, Qt.Key.Key_Escape)
    thinking.wait_phase(ChatPhase.READY)
    assert not thinking.chat.busy
