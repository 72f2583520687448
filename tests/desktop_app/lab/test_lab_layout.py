"""The lab's window at every size: nothing is crushed, cut or pushed aside."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QTextBrowser
from pytestqt.qtbot import QtBot

from desktop_app.lab.lab_runner import Shown
from desktop_app.lab.lab_tables import DifficultyTable, TableView
from desktop_app.lab.lab_window import LabWindow
from desktop_app.lab.setup_panel import SetupPanel
from desktop_app.look.theme import apply_theme, set_zoom
from desktop_app.settings import Settings
from engine.lab.results import results_of
from tests.desktop_app.lab.made_sweeps import made_sweep

SIZES = [(1440, 900, 1.0), (1024, 700, 1.0), (1440, 900, 1.5)]


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication) -> Iterator[LabWindow]:
    apply_theme(qapp)
    window = LabWindow(SetupPanel(Settings))
    record = made_sweep(["ponder-small", "ponder-stories"], ["vote", "auto", "revise", "search"])
    window.show_results(Shown(record, results_of(record)))
    window.show()
    qtbot.waitExposed(window)
    yield window
    shiboken6.delete(window)  # now, or later tests would restyle it with every change of theme
    set_zoom(1.0)


@pytest.mark.parametrize("size", SIZES)
def test_the_findings_leave_the_curves_their_height(
    window: LabWindow, qtbot: QtBot, size: tuple[int, int, float]
) -> None:
    width, height, zoom = size
    set_zoom(zoom)
    window.resize(width, height)
    curves = window.curves
    qtbot.waitUntil(
        lambda: curves._plot.height() >= 240 and curves.rect().contains(curves._labelled.geometry())
    )
    assert window.height() == height
    inside = window._views.rect()
    assert inside.contains(curves.geometry())
    assert window._views.geometry().bottom() < window._note.geometry().top()
    assert window._words.geometry().bottom() < window._views.geometry().top()


@pytest.mark.parametrize("size", SIZES)
def test_no_title_and_no_cell_of_a_column_is_cut(
    window: LabWindow, qtbot: QtBot, size: tuple[int, int, float]
) -> None:
    width, height, zoom = size
    window.resize(width, height)
    set_zoom(zoom)
    table = window.questions
    header = table.horizontalHeader()

    def cut() -> list[int]:
        return [
            column
            for column in range(1, table.rows.columnCount())
            if not table.isColumnHidden(column)
            and header.sectionSize(column)
            < max(header.sectionSizeHint(column), table.sizeHintForColumn(column))
        ]

    qtbot.waitUntil(lambda: not cut())
    assert window.width() == width
    assert header.sectionSize(0) >= 200 * zoom
    assert header.length() <= table.viewport().width()


@pytest.mark.parametrize("size", SIZES)
def test_the_hardest_fifth_is_in_sight(
    window: LabWindow, qtbot: QtBot, size: tuple[int, int, float]
) -> None:
    width, height, zoom = size
    window.resize(width, height)
    set_zoom(zoom)
    table = window.findings.findChild(DifficultyTable)
    assert isinstance(table, DifficultyTable)
    qtbot.waitUntil(lambda: table.horizontalHeader().length() <= table.viewport().width())

    def said(role: Qt.ItemDataRole) -> list[object]:
        return [table.rows.headerData(n, Qt.Orientation.Horizontal, role) for n in range(1, 6)]

    titles, whole = said(Qt.ItemDataRole.DisplayRole), ["easiest", "2", "3", "4", "hardest"]
    assert titles in (whole, ["1", "2", "3", "4", "5"])
    assert whole in (titles, said(Qt.ItemDataRole.ToolTipRole))


def test_columns_that_stepped_back_return_with_the_room(window: LabWindow, qtbot: QtBot) -> None:
    table = window.questions
    columns = range(table.rows.columnCount())
    window.resize(1024, 700)
    qtbot.waitUntil(lambda: any(table.isColumnHidden(column) for column in columns))
    window.resize(1440, 900)
    qtbot.waitUntil(lambda: not any(table.isColumnHidden(column) for column in columns))


@pytest.mark.parametrize("size", SIZES)
def test_the_findings_need_no_sideways_scrolling(
    window: LabWindow, qtbot: QtBot, size: tuple[int, int, float]
) -> None:
    width, height, zoom = size
    window.resize(width, height)
    set_zoom(zoom)
    bar = window._side.horizontalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() == 0)
    assert window.width() == width


def test_a_bar_that_appears_moves_nothing_aside(window: LabWindow, qtbot: QtBot) -> None:
    areas = (window.setup._area, window.questions, window._side)
    window.resize(1440, 1000)
    before = [area.viewport().width() for area in areas]
    window.resize(1440, 620)
    bars = [area.verticalScrollBar() for area in areas]
    qtbot.waitUntil(lambda: all(bar.maximum() > 0 for bar in bars))
    assert [area.viewport().width() for area in areas] == before
    few = made_sweep(["ponder-small"], ["vote"], questions=2)
    window.show_results(Shown(few, results_of(few)))
    qtbot.waitUntil(lambda: window.questions.verticalScrollBar().maximum() == 0)
    assert window.questions.viewport().width() == before[1]


@pytest.mark.parametrize("size", SIZES)
def test_findings_are_shown_whole_and_all_of_them_on_a_page_of_their_own(
    window: LabWindow, qtbot: QtBot, size: tuple[int, int, float]
) -> None:
    width, height, zoom = size
    window.resize(width, height)
    set_zoom(zoom)
    first = window._words.first
    qtbot.waitUntil(lambda: first.height() > 0 and window.width() == width)
    page = QTextDocument()
    page.setDefaultFont(first.font())
    page.setDocumentMargin(0)
    page.setHtml(first.text())
    page.setTextWidth(first.width())
    assert first.shown >= 1
    qtbot.waitUntil(lambda: page.size().height() <= first.height() + 1)
    window._words.more.click()
    assert window._words.dialog is not None
    everything = window._words.dialog.findChild(QTextBrowser)
    assert isinstance(everything, QTextBrowser)
    sentences = window._words._sentences
    assert len(sentences) > 3
    assert everything.toPlainText().count("\n") == len(sentences) - 1
    assert str(len(sentences)) in window._words.more.text()


def test_tab_leads_through_a_table_and_on(window: LabWindow, qtbot: QtBot) -> None:
    for table in window.findChildren(TableView):
        if not table.isVisible():
            continue
        table.setFocus()
        qtbot.waitUntil(table.hasFocus)
        QTest.keyClick(table, Qt.Key.Key_Tab)
        assert not table.hasFocus()
