"""What stands at the top of the lab while a sweep runs."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from desktop_app.lab.lab_top import LabTop
from engine.lab.sweep_control import SweepProgress


def test_silence_is_said_instead_of_the_time_left_until_the_engine_speaks(qtbot: QtBot) -> None:
    top = LabTop()
    qtbot.addWidget(top)
    top.show_running(running=True)

    def said(*, silent: bool) -> bool:
        top.show_progress(SweepProgress(3, 8, 2.0, 4.0, None, "vote, a", silent))
        words = " ".join(label.text() for label in top.findChildren(QLabel))
        assert "3 of 8 samples" in words
        assert ("left" in words) is not silent
        return "the engine gives no sign of life" in words

    assert said(silent=True)
    assert not said(silent=False)
