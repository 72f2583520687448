"""The three columns: what steps back where there is no room, and what is remembered."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from desktop_app.look.theme import apply_theme, set_zoom
from desktop_app.settings import WindowPlace
from desktop_app.window.columns import Columns, Side
from desktop_app.window.main_window import MainWindow
from desktop_app.window.message_bar import BarMessage, MessageKind

WIDTHS = (230, 700, 420)


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication) -> Iterator[MainWindow]:
    apply_theme(qapp)
    window = MainWindow()
    qtbot.addWidget(window)
    window.restore_place(WindowPlace(splitter=WIDTHS))
    window.resize(1400, 700)
    window.show()
    qtbot.waitExposed(window)
    yield window
    set_zoom(1.0)


def columns(window: MainWindow) -> Columns:
    found = window.findChild(Columns)
    assert isinstance(found, Columns)
    return found


def shown(window: MainWindow) -> list[Side]:
    return [side for side in Side if columns(window).shows(side)]


def test_a_wide_window_shows_all_in_their_widths(window: MainWindow) -> None:
    assert shown(window) == [Side.SIDEBAR, Side.PANEL]
    sizes = columns(window).sizes()
    assert (sizes[0], sizes[2]) == (230, 420)


def test_the_sidebar_steps_back_and_returns_with_its_width(window: MainWindow) -> None:
    window.resize(760, 500)
    assert shown(window) == [Side.PANEL]
    assert columns(window).sizes()[1] >= 400
    place = window.place(None)
    assert place.sidebar
    assert place.panel
    assert (place.splitter[0], place.splitter[2]) == (230, 420)
    window.resize(1400, 700)
    assert shown(window) == [Side.SIDEBAR, Side.PANEL]
    sizes = columns(window).sizes()
    assert (sizes[0], sizes[2]) == (230, 420)


def test_what_is_asked_for_comes_in_place_of_the_other(window: MainWindow) -> None:
    window.resize(760, 500)
    window.top_bar.set_sidebar_shown(shown=True)
    assert shown(window) == [Side.SIDEBAR]
    window.top_bar.set_panel_shown(shown=True)
    assert shown(window) == [Side.PANEL]
    window.top_bar.set_panel_shown(shown=False)
    assert shown(window) == [Side.SIDEBAR]


def test_what_is_not_wanted_does_not_come_with_the_room(window: MainWindow) -> None:
    window.top_bar.set_panel_shown(shown=False)
    assert not window.place(None).panel
    window.resize(1400, 500)
    assert shown(window) == [Side.SIDEBAR]
    assert window.place(None).splitter[2] == 420


def test_larger_text_needs_more_room(window: MainWindow) -> None:
    window.resize(1000, 700)
    assert shown(window) == [Side.SIDEBAR, Side.PANEL]
    set_zoom(1.5)
    assert shown(window) == [Side.PANEL]
    set_zoom(2.0)
    assert shown(window) == []
    window.top_bar.set_panel_shown(shown=True)
    assert shown(window) == [Side.PANEL]


@pytest.mark.parametrize("width", [900, 1024, 1400])
def test_a_message_covers_nothing_beside_the_centre(window: MainWindow, width: int) -> None:
    window.resize(width, 700)
    said = "It may be slow, or stuck. Wait, or stop it: an engine that does not stop is ended."
    window.message_bar.show_message(
        BarMessage(MessageKind.NOTICE, "The engine gives no sign of life", said)
    )
    bar, centre = window.message_bar, columns(window).centre
    place = QRect(bar.mapToGlobal(QPoint()), bar.size())
    beside = QRect(centre.mapToGlobal(QPoint()), centre.size())
    assert beside.contains(place)
    for label in bar.findChildren(QLabel):
        assert label.height() >= label.heightForWidth(label.width())
    window.top_bar.set_sidebar_shown(shown=False)
    place = QRect(bar.mapToGlobal(QPoint()), bar.size())
    beside = QRect(centre.mapToGlobal(QPoint()), centre.size())
    assert beside.contains(place)
    assert abs(beside.center().x() - place.center().x()) <= 1
