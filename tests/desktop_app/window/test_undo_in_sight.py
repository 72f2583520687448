"""An undo is in sight for its whole time, whatever else is said, and nothing else is lost."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from desktop_app.window.message_bar import BarMessage, MessageBar, MessageKind
from tests.desktop_app.window_driver import VOTE, Driver

ERROR = BarMessage(MessageKind.ERROR, "failed")
NOTICE = BarMessage(MessageKind.NOTICE, "no power sensor")
COPIED = BarMessage(MessageKind.DONE, "copied")
OFFER = BarMessage(MessageKind.NOTICE, "here and checked", "", "Use it", lambda: None)


def undo(title: str) -> BarMessage:
    return BarMessage(MessageKind.DONE, title, "", "Undo", lambda: None)


@pytest.fixture
def bar(qtbot: QtBot) -> MessageBar:
    bar = MessageBar()
    qtbot.addWidget(bar)
    return bar


def told(bar: MessageBar) -> list[str]:
    """What is shown, one after another, until nothing is left."""
    titles = []
    while bar.message is not None:
        titles.append(bar.message.title)
        bar.close_message()
    return titles


@pytest.mark.parametrize("standing", [ERROR, NOTICE, OFFER])
def test_an_undo_goes_before_what_stands(bar: MessageBar, standing: BarMessage) -> None:
    bar.show_message(standing)
    bar.show_message(undo("deleted"))
    assert told(bar) == ["deleted", standing.title]


@pytest.mark.parametrize("news", [ERROR, NOTICE, OFFER, COPIED])
def test_what_comes_meanwhile_waits_for_an_undo(bar: MessageBar, news: BarMessage) -> None:
    bar.show_message(undo("deleted"))
    bar.show_message(news)
    assert told(bar) == ["deleted", news.title]


def test_the_latest_undo_is_first_and_an_error_waits_for_it_alone(bar: MessageBar) -> None:
    bar.show_message(NOTICE)
    bar.show_message(undo("deleted a"))
    bar.show_message(undo("deleted b"))
    bar.show_message(COPIED)
    bar.show_message(ERROR)
    assert told(bar) == ["deleted b", "failed", "deleted a", "no power sensor", "copied"]


def test_an_offer_goes_before_what_stands(bar: MessageBar) -> None:
    bar.show_message(ERROR)
    bar.show_message(OFFER)
    bar.show_message(NOTICE)
    assert told(bar) == ["here and checked", "failed", "no power sensor"]


def test_what_was_done_gives_way_to_an_undo_for_good(bar: MessageBar) -> None:
    bar.show_message(COPIED)
    bar.show_message(undo("deleted"))
    assert told(bar) == ["deleted"]


def test_an_undo_leaves_by_itself_and_what_stood_comes_back(
    qtbot: QtBot, bar: MessageBar, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desktop_app.window.message_bar.UNDO_MILLISECONDS", 20)
    bar.show_message(ERROR)
    bar.show_message(undo("deleted"))
    qtbot.waitUntil(lambda: bar.message == ERROR)


def test_both_deleted_conversations_can_be_brought_back(driver: Driver) -> None:
    driver.load(VOTE)
    for text in ("First", "Second"):
        driver.ask(text)
        driver.window.conversations.new_requested.emit()
    driver.work.tell_error("decode")
    driver.wait(lambda: len(driver.listed()) == 2)
    for summary in driver.listed():
        driver.window.conversations.delete_requested.emit((summary,))
    driver.wait(lambda: driver.listed() == [])
    driver.work._announce.tell_done("Copied")
    bar = driver.window.message_bar
    for _conversation in range(2):
        assert bar.message is not None
        assert bar.message.title == "Deleted"
        bar.findChildren(QPushButton)[0].click()
    driver.wait(lambda: {c.title for c in driver.listed()} == {"First", "Second"})
    assert bar.message is not None
    assert bar.message.kind is MessageKind.ERROR
