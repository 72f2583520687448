"""The message bar: expected errors, notices and undo, over the top of what it is about.

It exists so that what went wrong is said once, kindly, with a next step, without a dialog in the
way. It must not know where messages come from.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)
from typing_extensions import override

from desktop_app.look.theme import current_theme, pixels, theme_changes, themed_icon
from desktop_app.look.tips import plain_tip
from desktop_app.window.speaking import speak


class MessageKind(StrEnum):
    """What a message is, for its edge and its order."""

    ERROR = "error"
    NOTICE = "notice"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class BarMessage:
    """One message.

    Attributes:
        kind: Errors and notices wait to be closed, what was done leaves by itself.
        title: What happened.
        text: Cause and next step.
        action: Label of a button, or "".
        act: What the button does.
        detail: Technical detail, shown as a tooltip.
    """

    kind: MessageKind
    title: str
    text: str = ""
    action: str = ""
    act: Callable[[], None] | None = None
    detail: str = ""

    @property
    def leaves(self) -> bool:
        """Whether it leaves by itself."""
        return self.kind is MessageKind.DONE

    @property
    def is_undo(self) -> bool:
        """Whether it is the way back from what was done, which can be taken only while shown."""
        return self.leaves and bool(self.action)

    def says_the_same(self, other: BarMessage) -> bool:
        """Whether a reader cannot tell them apart; every undo is of something else."""
        return self == (other if self.is_undo else replace(other, act=self.act))

    @property
    def is_pressing(self) -> bool:
        """Whether it answers what a person has just done, or asks something of them."""
        return self.kind is MessageKind.ERROR or bool(self.action)


DONE_MILLISECONDS = 8000
UNDO_MILLISECONDS = 12_000
"""Long enough to read it, change one's mind and reach the button, also by keyboard."""
_WIDEST = 760
_TEXT_WIDTH = 360
"""In less than this, the cause and the next step are read better below the title."""
_GAP = 8


class _OneClickButton(QPushButton):
    """Takes a double click as one: the second would hit what comes in the place of the first."""

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Do nothing."""
        event.accept()


class MessageBar(QFrame):
    """Shows one message at a time.

    An undo is in sight at once and for its whole time: what stood comes back after it, and what
    comes meanwhile waits for its end. The latest error, or message with a button, goes before what
    stands. The others wait their turn; only what was done, without a way back, gives way for good.

    Attributes:
        closed: The last message was closed.
        covering: How many pixels of the area's top are covered until a person closes the message;
            0 for one that leaves by itself.
    """

    closed = Signal()
    covering = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._area: QWidget | None = None
        self.setObjectName("messageBar")
        self.setAccessibleName(self.tr("Messages"))
        self._waiting: deque[BarMessage] = deque()
        self._message: BarMessage | None = None
        self._title = QLabel()
        self._title.setProperty("heading", True)
        self._text = QLabel()
        self._text.setWordWrap(True)
        for label in (self._title, self._text):
            label.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._action = _OneClickButton()
        self._close = QToolButton()
        self._close.setAccessibleName(self.tr("Close message"))
        self._close.setToolTip(self.tr("Close message"))
        self._words = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._words.setSpacing(12)
        self._words.addWidget(self._title)
        self._words.addWidget(self._text, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 8, 8)
        row.setSpacing(12)
        row.addLayout(self._words, 1)
        row.addWidget(self._action)
        row.addWidget(self._close)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.close_message)
        self._action.clicked.connect(self._on_action)
        self._close.clicked.connect(self.close_message)
        theme_changes().changed.connect(self._restyle)
        self._restyle()
        self.hide()

    def float_over(self, area: QWidget, parent: QWidget) -> None:
        """Lie over the top of a widget, so that little moves when a message comes or goes.

        Args:
            area: It stays within the width of this one, and covers nothing beside it.
            parent: Holds the area, and now the messages.
        """
        self._area = area
        self.setParent(parent)
        area.installEventFilter(self)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._area and event.type() in {QEvent.Type.Resize, QEvent.Type.Move}:
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        parent = self.parentWidget()
        if self._area is None or parent is None:
            return
        corner = self._area.mapTo(parent, QPoint())
        width = max(1, min(pixels(_WIDEST), self._area.width() - 2 * _GAP))
        self._arrange(width)
        height = self.sizeHint().height()
        if self.hasHeightForWidth():
            height = self.heightForWidth(width)
        left = corner.x() + (self._area.width() - width) // 2
        self.setGeometry(left, corner.y() + _GAP, width, height)
        self.raise_()
        stays = self._message is not None and not self._message.leaves
        self.covering.emit(height + _GAP if stays else 0)

    def _arrange(self, width: int) -> None:
        """Put the title above the text where both beside each other would be narrow."""
        title = self._title.fontMetrics().horizontalAdvance(self._title.text())
        taken = title + self._close.sizeHint().width()
        if not self._action.isHidden():
            taken += self._action.sizeHint().width()
        beside = width - taken >= pixels(_TEXT_WIDTH)
        directions = QBoxLayout.Direction
        self._words.setDirection(directions.LeftToRight if beside else directions.TopToBottom)
        self._words.setSpacing(12 if beside else 2)
        self._title.setWordWrap(not beside)
        self._text.setVisible(beside or bool(self._text.text()))

    @property
    def message(self) -> BarMessage | None:
        """What is shown."""
        return self._message

    def show_message(self, message: BarMessage) -> None:
        """Show a message now, or when it is its turn; the same one is not shown twice."""
        shown = self._message
        if shown is not None and message.says_the_same(shown):
            self._message = message  # its button does what it does now
            return
        if any(message.says_the_same(other) for other in self._waiting):
            return
        if shown is None or (shown.leaves and not shown.is_undo):
            self._show(message)
        elif message.is_undo or (message.is_pressing and not shown.is_undo):
            self._waiting.appendleft(shown)
            self._show(message)
        elif message.is_pressing:
            self._waiting.appendleft(message)
        else:
            self._waiting.append(message)

    def renew_message(self, message: BarMessage, before: BarMessage | None) -> None:
        """Show a message in place of an earlier one, whose cause has passed."""
        self._waiting = deque(m for m in self._waiting if m != before)
        if self._message is not None and self._message == before:
            self._show(message)
        else:
            self.show_message(message)

    def withdraw_message(self, message: BarMessage) -> None:
        """Take a message back whose cause has passed, shown or waiting."""
        self._waiting = deque(m for m in self._waiting if m != message)
        if self._message == message:
            self.close_message()

    def close_message(self) -> None:
        """Close the message that is shown."""
        if self._waiting:
            self._show(self._waiting.popleft())
            return
        self._message = None
        self._timer.stop()
        self.hide()
        self.covering.emit(0)
        self.closed.emit()

    def _show(self, message: BarMessage) -> None:
        self._message = message
        self._title.setText(message.title)
        self._text.setText(message.text)
        self._text.setToolTip(plain_tip(message.detail) if message.detail else "")
        self._action.setVisible(bool(message.action))
        self._action.setText(message.action)
        self._restyle()
        self.show()
        self._place()
        if message.leaves:
            self._timer.start(UNDO_MILLISECONDS if message.is_undo else DONE_MILLISECONDS)
        else:
            self._timer.stop()
        speak(self, f"{message.title}. {message.text}")

    def _on_action(self) -> None:
        message = self._message
        self.close_message()
        if message is not None and message.act is not None:
            message.act()

    def _restyle(self) -> None:
        theme = current_theme()
        self._close.setIcon(themed_icon("close"))
        kind = self._message.kind if self._message else MessageKind.NOTICE
        edge = {
            MessageKind.ERROR: theme.warning,
            MessageKind.NOTICE: theme.accent,
            MessageKind.DONE: theme.good,
        }[kind]
        self.setStyleSheet(
            f"#messageBar {{ background: {theme.panel}; border: 1px solid {theme.hairline};"
            f" border-left: 4px solid {edge}; border-radius: 8px; }}"
        )
