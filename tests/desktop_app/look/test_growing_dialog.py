"""Windows that grow with their text, pages that can be reached, buttons that go on below."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QListWidget, QPushButton
from pytestqt.qtbot import QtBot

from desktop_app.look.flow_row import FlowRow
from desktop_app.look.growing_dialog import GrowingDialog
from desktop_app.look.page_list import PageList
from desktop_app.look.theme import apply_theme, set_zoom


@pytest.fixture(autouse=True)
def _dressed(qapp: QApplication) -> Iterator[None]:
    apply_theme(qapp)
    yield
    set_zoom(1.0)


@pytest.fixture
def pages(qtbot: QtBot) -> PageList:
    pages = PageList("Pages")
    qtbot.addWidget(pages)
    for name in ("Engine", "Sampling", "Instructions"):
        pages.add(QLabel(name), name)
    pages.resize(600, 300)
    pages.show()
    pages.activateWindow()
    with qtbot.waitActive(pages):
        pages.setFocus()
    return pages


def test_a_window_grows_with_its_text_but_not_beyond_the_screen(qtbot: QtBot) -> None:
    set_zoom(1.25)
    window = GrowingDialog((400, 200))
    qtbot.addWidget(window)
    assert window.size() == QSize(500, 250)
    window.resize(480, 300)
    set_zoom(1.0)
    assert window.size() == QSize(384, 240)
    set_zoom(2.0)
    screen = window.screen().availableGeometry().size()
    window.resize(screen)
    set_zoom(1.0)
    set_zoom(2.0)
    assert window.width() < screen.width()
    assert window.height() < screen.height()


def test_pages_are_turned_by_the_keyboard_and_the_last_is_followed_by_the_first(
    pages: PageList,
) -> None:
    turned: list[int] = []
    pages.turned.connect(turned.append)
    shift = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(pages, Qt.Key.Key_Tab, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(pages, Qt.Key.Key_PageDown, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(pages, Qt.Key.Key_Tab, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(pages, Qt.Key.Key_Backtab, shift)
    assert turned == [1, 2, 0, 2]
    shown = [label.text() for label in pages.findChildren(QLabel) if label.isVisible()]
    assert shown == ["Instructions"]


@pytest.mark.parametrize("zoom", [1.0, 2.0])
def test_no_name_of_a_page_is_cut(pages: PageList, zoom: float) -> None:
    set_zoom(zoom)
    names = pages.findChild(QListWidget)
    assert isinstance(names, QListWidget)
    assert names.accessibleName() == "Pages"
    QApplication.processEvents()
    for place in range(names.count()):
        entry = names.item(place)
        room = names.visualItemRect(entry)
        assert room.width() >= names.fontMetrics().horizontalAdvance(entry.text())
        assert room.height() >= names.fontMetrics().height()
        assert names.viewport().rect().contains(room)


def test_buttons_that_have_no_room_beside_the_others_stand_below(qtbot: QtBot) -> None:
    buttons = [QPushButton(text) for text in ("Use this model", "Show in folder", "Check")]
    last = QPushButton("Remove")
    row = FlowRow((*buttons, last))
    qtbot.addWidget(row)
    last.hide()
    row.resize(row.sizeHint().width(), 200)
    row.show()
    assert len({button.y() for button in buttons}) == 1
    row.resize(row.minimumSizeHint().width(), 200)
    assert len({button.y() for button in buttons}) > 1
    assert all(button.width() == button.sizeHint().width() for button in buttons)
    assert all(row.rect().contains(button.geometry()) for button in buttons)
    height = row.heightForWidth(row.width())
    assert height == max(button.geometry().bottom() for button in buttons) + 1
    last.show()
    QApplication.processEvents()
    assert last.y() > buttons[-1].y()
    assert row.heightForWidth(row.width()) > height
