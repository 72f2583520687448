"""The page of downloads: each with its progress, and a way to pause, go on or cancel."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop_app.error_text import error_text
from desktop_app.library.download_feed import DownloadFeed
from desktop_app.library.download_text import progress_share, progress_words
from desktop_app.look.steady_scroll import SteadyPage
from desktop_app.words.translation import translated
from models.download_queue import DownloadState, DownloadStatus


class DownloadsPage(QWidget):
    """What is fetched, waits, is paused, has failed or is done.

    Args:
        feed: Tells how far each is.
    """

    def __init__(self, feed: DownloadFeed, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._feed = feed
        self._rows: dict[str, _DownloadRow] = {}
        self._nothing = QLabel(
            self.tr("Nothing is being downloaded. What you get under “Find” is shown here.")
        )
        self._nothing.setProperty("muted", True)
        self._nothing.setWordWrap(True)
        body = QWidget()
        self._column = QVBoxLayout(body)
        self._column.setContentsMargins(0, 8, 8, 8)
        self._column.setSpacing(12)
        self._column.addWidget(self._nothing)
        self._column.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(SteadyPage(body))
        feed.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        statuses = {status.order.key: status for status in self._feed.statuses}
        for key in [key for key in self._rows if key not in statuses]:
            row = self._rows.pop(key)
            row.hide()
            row.deleteLater()
        for key, status in statuses.items():
            if key not in self._rows:
                row = _DownloadRow(self)
                row.pause_requested.connect(lambda key=key: self._feed.pause(key))
                row.resume_requested.connect(lambda key=key: self._feed.resume(key))
                row.cancel_requested.connect(lambda key=key: self._feed.cancel(key))
                self._rows[key] = row
                self._column.insertWidget(self._column.count() - 1, row)
            self._rows[key].show_status(status)
        self._nothing.setVisible(not statuses)


class _DownloadRow(QFrame):
    """One download."""

    pause_requested = Signal()
    resume_requested = Signal()
    cancel_requested = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._name, self._words = QLabel(), QLabel()
        self._name.setProperty("heading", True)
        self._words.setProperty("muted", True)
        self._words.setWordWrap(True)
        for label in (self._name, self._words):
            label.setTextFormat(Qt.TextFormat.PlainText)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setRange(0, 1000)
        self._pause = self._button(self.tr("Pause"), self.pause_requested.emit)
        self._resume = self._button(self.tr("Resume"), self.resume_requested.emit)
        self._cancel = self._button(self.tr("Cancel"), self.cancel_requested.emit)
        texts = QVBoxLayout()
        texts.setSpacing(4)
        for widget in (self._name, self._bar, self._words):
            texts.addWidget(widget)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addLayout(texts, 1)
        for button in (self._pause, self._resume, self._cancel):
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)

    def show_status(self, status: DownloadStatus) -> None:
        """Show how far it is."""
        order, state = status.order, status.state
        name = f"{order.repository} · {order.model.label}"
        self._name.setText(name)
        self._bar.setAccessibleName(self.tr("Progress of {name}").format(name=name))
        self._bar.setValue(round(1000 * progress_share(status)))
        self._bar.setVisible(state is not DownloadState.DONE)
        words = progress_words(status)
        if state is DownloadState.FAILED:
            text = translated(error_text(order.code))
            words = f"{text.title}. {text.cause} {text.next_step}"
        self._words.setText(words)
        moving = state in {DownloadState.GETTING, DownloadState.CHECKING, DownloadState.WAITING}
        self._pause.setVisible(moving)
        self._resume.setVisible(state in {DownloadState.PAUSED, DownloadState.FAILED})
        done = state is DownloadState.DONE
        self._cancel.setText(self.tr("Clear") if done else self.tr("Cancel"))
        self._cancel.setToolTip("" if done else self.tr("Forget it and delete what has arrived"))

    def _button(self, text: str, clicked: Callable[[], None]) -> QPushButton:
        button = QPushButton(text)
        button.setAutoDefault(False)
        button.clicked.connect(lambda _checked=False: clicked())
        return button
