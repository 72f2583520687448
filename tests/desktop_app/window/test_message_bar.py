"""The message bar: order, closing, actions."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.window.message_bar import BarMessage, MessageBar, MessageKind


def bar(qtbot: QtBot) -> MessageBar:
    bar = MessageBar()
    qtbot.addWidget(bar)
    return bar


def shown_title(bar: MessageBar) -> str | None:
    return bar.message.title if bar.message is not None else None


def test_messages_wait_their_turn_and_are_not_repeated(qtbot: QtBot) -> None:
    messages = bar(qtbot)
    first = BarMessage(MessageKind.ERROR, "first")
    messages.show_message(first)
    messages.show_message(BarMessage(MessageKind.NOTICE, "second"))
    messages.show_message(first)
    assert shown_title(messages) == "first"
    messages.findChildren(QToolButton)[0].click()
    assert shown_title(messages) == "second"
    messages.close_message()
    assert messages.message is None
    assert messages.isHidden()


def test_what_was_done_gives_way_at_once(qtbot: QtBot) -> None:
    messages = bar(qtbot)
    messages.show_message(BarMessage(MessageKind.DONE, "copied"))
    messages.show_message(BarMessage(MessageKind.ERROR, "failed"))
    assert shown_title(messages) == "failed"


def test_the_action_acts_and_closes(qtbot: QtBot) -> None:
    messages = bar(qtbot)
    acted: list[str] = []
    messages.show_message(
        BarMessage(MessageKind.DONE, "Deleted", "", "Undo", lambda: acted.append("undo"))
    )
    messages.findChildren(QPushButton)[0].click()
    assert acted == ["undo"]
    assert messages.message is None


def test_what_was_done_leaves_by_itself(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop_app.window.message_bar.DONE_MILLISECONDS", 20)
    messages = bar(qtbot)
    messages.show_message(BarMessage(MessageKind.DONE, "copied"))
    qtbot.waitUntil(lambda: messages.message is None)


def test_the_latest_error_goes_first_and_the_earlier_one_comes_back(qtbot: QtBot) -> None:
    messages = bar(qtbot)
    messages.show_message(BarMessage(MessageKind.ERROR, "the engine ended"))
    messages.show_message(BarMessage(MessageKind.NOTICE, "no power sensor"))
    messages.show_message(BarMessage(MessageKind.ERROR, "not a model"))
    shown = []
    while messages.message is not None:
        shown.append(shown_title(messages))
        messages.close_message()
    assert shown == ["not a model", "the engine ended", "no power sensor"]


def test_the_latest_of_one_problem_replaces_the_earlier_ones(qtbot: QtBot) -> None:
    messages = bar(qtbot)
    messages.show_message(BarMessage(MessageKind.ERROR, "other"))
    before = None
    for line in ("line 1", "line 2"):
        bad = BarMessage(MessageKind.ERROR, "bad file", line)
        messages.renew_message(bad, before)
        before = bad
    messages.close_message()
    messages.renew_message(BarMessage(MessageKind.ERROR, "other bad file", "line 3"), before)
    assert messages.message is not None
    assert messages.message.text == "line 3"
    messages.close_message()
    assert shown_title(messages) == "other"
    messages.close_message()
    assert messages.message is None


def test_a_double_click_does_not_reach_what_comes_next(qtbot: QtBot) -> None:
    messages = bar(qtbot)
    done: list[str] = []
    messages.show_message(
        BarMessage(MessageKind.NOTICE, "here", action="Use it", act=lambda: done.append("used"))
    )
    messages.show_message(
        BarMessage(MessageKind.DONE, "deleted", action="Undo", act=lambda: done.append("undone"))
    )
    button = messages.findChildren(QPushButton)[0]
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    QTest.mouseDClick(button, Qt.MouseButton.LeftButton)
    QTest.mouseRelease(button, Qt.MouseButton.LeftButton)  # which `mouseDClick` leaves out
    assert shown_title(messages) == "here"
    assert done == ["undone"]


def test_an_offer_made_again_is_one_offer(qtbot: QtBot) -> None:
    messages = bar(qtbot)
    done: list[int] = []
    for number in range(2):
        messages.show_message(
            BarMessage(
                MessageKind.ERROR,
                "too large",
                action="Load anyway",
                act=lambda number=number: done.append(number),  # type: ignore[misc]
            )
        )
    messages.findChildren(QPushButton)[0].click()
    assert messages.message is None
    assert done == [1]


def test_only_what_waits_to_be_closed_says_how_much_it_covers(qtbot: QtBot) -> None:
    parent, area = QWidget(), QWidget()
    qtbot.addWidget(parent)
    area.setParent(parent)
    area.resize(900, 600)
    messages = MessageBar()
    messages.float_over(area, parent)
    told: list[int] = []
    messages.covering.connect(told.append)
    messages.show_message(BarMessage(MessageKind.DONE, "copied"))
    assert set(told) == {0}
    messages.show_message(BarMessage(MessageKind.NOTICE, "no power sensor"))
    assert told[-1] >= messages.geometry().bottom()
    messages.close_message()
    assert told[-1] == 0
