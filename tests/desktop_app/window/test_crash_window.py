"""Our own bugs are shown, with everything that is needed to report them."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from desktop_app.window.crash_window import CrashReporter


@pytest.fixture
def reporter(qapp: QApplication) -> Iterator[CrashReporter]:
    assert qapp
    reporter = CrashReporter(Path("/logs/ponder.log"))
    reporter.install()
    yield reporter
    reporter.uninstall()
    if reporter.window is not None:
        reporter.window.accept()


def fail() -> None:
    raise RuntimeError("a bug of ours")


@pytest.mark.expects_log
def test_an_exception_on_a_thread_is_shown_once_with_its_log(
    qtbot: QtBot, reporter: CrashReporter
) -> None:
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: reporter.window is not None)
    window = reporter.window
    assert window is not None
    assert "a bug of ours" in window.report
    assert "in fail" in window.report
    assert any("/logs/ponder.log" in label.text() for label in window.findChildren(QLabel))
    try:
        fail()
    except RuntimeError:
        sys.excepthook(*sys.exc_info())
    qtbot.waitUntil(lambda: window.report.count("a bug of ours") > 2)
    assert reporter.window is window


@pytest.mark.expects_log
def test_what_an_exception_says_reaches_no_log(
    qtbot: QtBot, reporter: CrashReporter, caplog: pytest.LogCaptureFixture
) -> None:
    question = "-".join(["some", "body's", "question"])

    def fail() -> None:
        int(question)

    with pytest.raises(ValueError, match="some-body's") as caught:
        fail()
    reporter.report(caught.value)
    qtbot.waitUntil(lambda: reporter.window is not None)
    assert "ValueError" in caplog.text
    assert "in fail" in caplog.text
    assert "some-body's" not in caplog.text


@pytest.mark.expects_log
def test_the_report_can_be_copied_and_work_goes_on(qtbot: QtBot, reporter: CrashReporter) -> None:
    reporter.report(RuntimeError("a bug of ours"))
    qtbot.waitUntil(lambda: reporter.window is not None)
    window = reporter.window
    assert window is not None
    buttons = {button.text(): button for button in window.findChildren(QPushButton)}
    buttons["Copy report"].click()
    assert "a bug of ours" in QGuiApplication.clipboard().text()
    buttons["Go on"].click()
    qtbot.waitUntil(lambda: reporter.window is None)
