"""The lab's window at every size: nothing is crushed, cut or pushed aside."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import shiboken6
from PySide6.QtWidgets import QApplication, QPushButton, QScrollArea
from pytestqt.qtbot import QtBot

from desktop_app.lab.lab_runner import Shown
from desktop_app.lab.lab_window import LabWindow
from desktop_app.lab.setup_panel import SetupPanel
from desktop_app.settings import Settings
from desktop_app.theme import apply_theme, set_zoom
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
def test_all_findings_leave_the_curves_their_height(
    window: LabWindow, qtbot: QtBot, size: tuple[int, int, float]
) -> None:
    width, height, zoom = size
    set_zoom(zoom)
    window.resize(width, height)
    (more,) = (b for b in window.findChildren(QPushButton) if b.text().startswith("Show all"))
    more.click()
    area = window._words.findChild(QScrollArea)
    assert isinstance(area, QScrollArea)
    qtbot.waitUntil(lambda: area.verticalScrollBar().maximum() > 0)
    qtbot.waitUntil(lambda: window.curves._plot.height() >= 240)
    assert window.height() == height
    inside = window._views.rect()
    assert inside.contains(window.curves.geometry())
    assert window.curves.rect().contains(window.curves._labelled.geometry())
    assert window._views.geometry().bottom() < window._note.geometry().top()
    assert window._words.geometry().bottom() < window._views.geometry().top()
