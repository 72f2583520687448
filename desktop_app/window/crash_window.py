"""The crash window: what went wrong is our bug, and here is what to report.

It exists so that an unexpected exception is never silent and never ends a conversation unsaved.
It must not know what Ponder does.
"""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

_log = logging.getLogger("desktop_app.crash")


class CrashWindow(QDialog):
    """Shows a traceback, with a way to copy it.

    Args:
        report: The traceback.
        log_path: Where the log is, or None without one.
        parent: The window.
    """

    def __init__(self, report: str, log_path: Path | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Something went wrong in Ponder"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(720, 420)
        heading = QLabel(self.tr("This is a fault in Ponder, not in what you did."))
        heading.setProperty("heading", True)
        advice = QLabel(
            self.tr(
                "Your conversations are saved. You can go on, or quit and start again. "
                "A report with the text below helps to repair it."
            )
        )
        advice.setWordWrap(True)
        self._report = QPlainTextEdit(report)
        self._report.setReadOnly(True)
        self._report.setAccessibleName(self.tr("Error report"))
        self._report.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        where = QLabel(self.tr("Log file: {path}").format(path=log_path) if log_path else "")
        where.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        where.setProperty("muted", True)
        copy = QPushButton(self.tr("Copy report"))
        copy.clicked.connect(self._on_copy)
        leave = QPushButton(self.tr("Quit Ponder"))
        leave.clicked.connect(QApplication.closeAllWindows)
        go_on = QPushButton(self.tr("Go on"))
        go_on.setDefault(True)
        go_on.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        buttons.addWidget(copy)
        buttons.addStretch(1)
        buttons.addWidget(leave)
        buttons.addWidget(go_on)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 16)
        column.setSpacing(12)
        for widget in (heading, advice):
            column.addWidget(widget)
        column.addWidget(self._report, 1)
        column.addWidget(where)
        column.addLayout(buttons)

    def add_report(self, report: str) -> None:
        """Show one more traceback below."""
        self._report.appendPlainText("\n" + report)

    @property
    def report(self) -> str:
        """What is shown."""
        return self._report.toPlainText()

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.report)


class CrashReporter(QObject):
    """Catches exceptions nobody expected, on any thread, and shows the crash window.

    Args:
        log_path: Where the log is, or None without one.
    """

    _caught = Signal(str)

    def __init__(self, log_path: Path | None) -> None:
        super().__init__()
        self._log_path = log_path
        self._window: CrashWindow | None = None
        self._caught.connect(self._show, Qt.ConnectionType.QueuedConnection)

    def install(self) -> None:
        """Catch from now on."""
        sys.excepthook = self._on_exception
        threading.excepthook = self._on_thread_exception

    def uninstall(self) -> None:
        """Let Python print exceptions again."""
        sys.excepthook = sys.__excepthook__
        threading.excepthook = threading.__excepthook__

    @property
    def window(self) -> CrashWindow | None:
        """The crash window while it is open."""
        return self._window

    def report(self, error: BaseException) -> None:
        """Report an exception that was caught elsewhere."""
        self._on_exception(type(error), error, error.__traceback__)

    def _on_exception(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            QApplication.quit()
            return
        report = "".join(traceback.format_exception(kind, error, trace))
        # what an exception says may hold a question or an answer, which no log keeps
        frames = "".join(traceback.format_tb(trace))
        _log.error("unexpected exception: %s\n%s", kind.__name__, frames)
        self._caught.emit(report)

    def _on_thread_exception(self, arguments: threading.ExceptHookArgs) -> None:
        if arguments.exc_value is not None:
            self._on_exception(arguments.exc_type, arguments.exc_value, arguments.exc_traceback)

    @Slot(str)
    def _show(self, report: str) -> None:
        if self._window is not None:
            self._window.add_report(report)
            return
        self._window = CrashWindow(report, self._log_path, QApplication.activeWindow())
        self._window.finished.connect(self._on_closed)
        self._window.open()

    @Slot()
    def _on_closed(self) -> None:
        self._window = None
