"""The thinking-time slider: named stops as far apart as each other, and any number between them.

Arrow keys go from stop to stop, with Shift by one; Page Up and Page Down by two stops; a digit or a
double click opens a field for the number. It knows attempts, not models or prices.
"""

from __future__ import annotations

from itertools import pairwise
from math import ceil, exp2, log2
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QAccessible,
    QAccessibleValueChangeEvent,
    QColor,
    QFocusEvent,
    QFont,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractSlider, QSizePolicy, QWidget
from typing_extensions import override

from desktop_app.look.theme import current_theme, pixels, theme_changes
from desktop_app.thinking.number_field import NumberField
from desktop_app.words.strategy_text import unit_text
from engine.budget import NOTCHES

_LARGEST = NOTCHES[-1].attempts
_SPANS = tuple(pairwise(notch.attempts for notch in NOTCHES))
"""From one stop to the next."""
_MAGNET_PIXELS = 9
_KNOB = 7.0
_EDGE = 26
_DIGITS = frozenset("123456789")
_LABEL_GAP = 3.0
_NAMES_APART = 8.0
"""Space between the names of two stops where all are written, the one in use in bold."""
_WHEEL_STEP = 120
"""One notch of a mouse wheel, in eighths of a degree (Qt's unit)."""


class StopLabel(NamedTuple):
    """A number under the track, and where it is written.

    Attributes:
        name: The stop's name, or "" where there is no room or no stop.
        left: Left edge in pixels.
        width: In pixels.
        number_width: Of the number alone, below the middle of the name.
    """

    attempts: int
    name: str
    left: float
    width: float
    number_width: float

    def touches(self, other: StopLabel) -> bool:
        """Whether two names, or two numbers, would overlap; they stand in rows of their own."""
        apart = abs(self.left + self.width / 2 - other.left - other.width / 2)
        names = bool(self.name and other.name) and 2 * apart < self.width + other.width
        return names or 2 * apart < self.number_width + other.number_width


class ThinkingSlider(QAbstractSlider):
    """Chooses how many attempts a question is worth.

    Attributes:
        attempts_changed: The number under the knob, while it moves.
        attempts_committed: The number the person settled on.
    """

    attempts_changed = Signal(int)
    attempts_committed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setRange(1, _LARGEST)
        self.setOrientation(Qt.Orientation.Horizontal)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(self.tr("Thinking time"))
        self._settled = self.value()
        self._wheel = 0
        self._unit = "samples"
        self._price = ""
        self.valueChanged.connect(self._on_value_changed)
        theme_changes().changed.connect(self.update)
        self._describe()

    # --- the number -----------------------------------------------------------------------------

    @property
    def attempts(self) -> int:
        """The chosen number."""
        return self.value()

    def set_attempts(self, attempts: int) -> None:
        """Choose a number without committing it."""
        self.setValue(attempts)
        self._settled = self.value()

    @property
    def unit(self) -> str:
        """What the number counts, a value of `strategy_text.UNITS`."""
        return self._unit

    def set_unit(self, unit: str) -> None:
        """Say what the number counts."""
        self._unit = unit
        self._describe()

    def set_price_text(self, text: str) -> None:
        """Add the price to what a screen reader says."""
        self._price = text
        self._describe()

    def _on_value_changed(self, value: int) -> None:
        self._describe()
        self.attempts_changed.emit(value)
        QAccessible.updateAccessibility(QAccessibleValueChangeEvent(self, value))
        self.update()

    def _describe(self) -> None:
        text = unit_text(self._unit, self.value())
        text = f"{text}, {self._price}" if self._price else text
        self.setAccessibleDescription(text)
        self.setToolTip(text)

    # --- geometry -------------------------------------------------------------------------------

    @override
    def sizeHint(self) -> QSize:
        """Room for the name of every stop."""
        metrics = QFontMetrics(self._bold_font())
        labels = [self._label(n.attempts, self._name(n.name), metrics) for n in NOTCHES]
        inwards = max(0.0, labels[0].width / 2 - _EDGE, labels[-1].width / 2 - _EDGE)
        widest = max((one.width + other.width) / 2 for one, other in pairwise(labels))
        apart = inwards + widest - _LABEL_GAP + _NAMES_APART
        return QSize(ceil(2 * _EDGE + (len(labels) - 1) * apart), self._height())

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(pixels(200), self._height())

    def _height(self) -> int:
        return round(20 + 2.6 * QFontMetrics(self._small_font()).height())

    def _small_font(self) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(pixels(11))
        return font

    def _bold_font(self) -> QFont:
        font = self._small_font()
        font.setWeight(QFont.Weight.DemiBold)
        return font

    def _place(self, attempts: float) -> float:
        """Where a number is: between two stops by its logarithm."""
        share = 1.0
        for number, (low, high) in enumerate(_SPANS):
            if attempts <= high:
                share = (number + log2(attempts / low) / log2(high / low)) / len(_SPANS)
                break
        return _EDGE + share * (self.width() - 2 * _EDGE)

    def _attempts_at(self, x: float) -> int:
        for notch in NOTCHES:
            if abs(self._place(notch.attempts) - x) <= _MAGNET_PIXELS:
                return notch.attempts
        share = (x - _EDGE) / max(1.0, self.width() - 2.0 * _EDGE) * len(_SPANS)
        number = min(max(int(share), 0), len(_SPANS) - 1)
        low, high = _SPANS[number]
        return round(low * exp2(log2(high / low) * min(max(share - number, 0.0), 1.0)))

    # --- painting -------------------------------------------------------------------------------

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        enabled = self.isEnabled()
        filled = QColor(theme.accent if enabled else theme.muted)
        y = 12.0
        knob = self._place(self.value())
        painter.setPen(
            QPen(QColor(theme.hairline), 4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
        )
        painter.drawLine(QPointF(_EDGE, y), QPointF(self.width() - _EDGE, y))
        painter.setPen(QPen(filled, 4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawLine(QPointF(_EDGE, y), QPointF(knob, y))
        painter.setPen(Qt.PenStyle.NoPen)
        for notch in NOTCHES:
            reached = notch.attempts <= self.value()
            painter.setBrush(filled if reached else QColor(theme.muted))
            painter.drawEllipse(QPointF(self._place(notch.attempts), y), 3, 3)
        if self.hasFocus():
            painter.setBrush(QColor(theme.panel))
            painter.setPen(QPen(filled, 2))
            painter.drawEllipse(QPointF(knob, y), _KNOB + 3, _KNOB + 3)
        painter.setBrush(filled)
        painter.setPen(QPen(QColor(theme.panel), 2))
        painter.drawEllipse(QPointF(knob, y), _KNOB, _KNOB)
        self._paint_labels(painter, y + 12)

    def _paint_labels(self, painter: QPainter, top: float) -> None:
        theme = current_theme()
        font = self._small_font()
        bold = self._bold_font()
        line = QFontMetrics(bold).height()
        flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop
        for attempts, name, left, width, _number_width in self.labels():
            current = attempts == self.value()
            painter.setFont(bold if current else font)
            painter.setPen(QColor(theme.text if current and self.isEnabled() else theme.muted))
            painter.drawText(QRectF(left, top, width, line), flags, name)
            painter.drawText(QRectF(left, top + line, width, line), flags, str(attempts))

    def labels(self) -> list[StopLabel]:
        """The labels that fit, the current one first.

        Where not every name fits, only the first, the current and the last keep theirs.
        """
        metrics = QFontMetrics(self._bold_font())
        names = {notch.attempts: self._name(notch.name) for notch in NOTCHES}
        ends = [1, _LARGEST]
        order = [self.value(), *ends, *names]
        crowded = self.width() < self.sizeHint().width()
        placed: dict[int, StopLabel] = {}
        for attempts in order:
            name = names.get(attempts, "")
            if crowded and attempts not in {self.value(), *ends}:
                name = ""
            for text in dict.fromkeys((name, "")):
                label = self._label(attempts, text, metrics)
                if attempts not in placed and not any(map(label.touches, placed.values())):
                    placed[attempts] = label
        return list(placed.values())

    def _label(self, attempts: int, name: str, metrics: QFontMetrics) -> StopLabel:
        number_width = metrics.horizontalAdvance(str(attempts)) + _LABEL_GAP
        width = max(number_width, metrics.horizontalAdvance(name) + _LABEL_GAP)
        centre = min(max(self._place(attempts), width / 2), self.width() - width / 2)
        return StopLabel(attempts, name, centre - width / 2, width, number_width)

    def _name(self, name: str) -> str:
        return {
            "Instant": self.tr("Instant"),
            "Quick": self.tr("Quick"),
            "Balanced": self.tr("Balanced"),
            "Deep": self.tr("Deep"),
            "Deeper": self.tr("Deeper"),
            "Deepest": self.tr("Deepest"),
        }[name]

    # --- hands ----------------------------------------------------------------------------------

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self.setValue(self._attempts_at(event.position().x()))

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.setValue(self._attempts_at(event.position().x()))

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self._commit(self.value())

    @override
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self._open_field("")

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        if not self.hasFocus():
            event.ignore()  # a scroll over the composer must not change the budget
            return
        self._wheel += event.angleDelta().y()
        while abs(self._wheel) >= _WHEEL_STEP:
            up = self._wheel > 0
            self._wheel += -_WHEEL_STEP if up else _WHEEL_STEP
            self._commit(self._next_stop(self.value(), up=up))

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        value = self.value()
        fine = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        match event.key():
            case Qt.Key.Key_Left | Qt.Key.Key_Down:
                self._commit(value - 1 if fine else self._next_stop(value, up=False))
            case Qt.Key.Key_Right | Qt.Key.Key_Up:
                self._commit(value + 1 if fine else self._next_stop(value, up=True))
            case Qt.Key.Key_PageDown:
                self._commit(self._next_stop(self._next_stop(value, up=False), up=False))
            case Qt.Key.Key_PageUp:
                self._commit(self._next_stop(self._next_stop(value, up=True), up=True))
            case Qt.Key.Key_Home:
                self._commit(1)
            case Qt.Key.Key_End:
                self._commit(_LARGEST)
            case _ if event.text() in _DIGITS:
                self._open_field(event.text())
            case _:
                super().keyPressEvent(event)

    @override
    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    @override
    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def _open_field(self, start: str) -> None:
        field = NumberField(self, start or str(self.value()), _LARGEST)
        if not start:
            field.selectAll()
        width, height = pixels(56), field.sizeHint().height()
        centre = round(self._place(self.value()))
        left = min(max(centre - width // 2, 0), max(0, self.width() - width))
        field.setGeometry(left, max(0, (self.height() - height) // 2), width, height)
        field.accepted.connect(self._commit)
        field.show()
        field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _next_stop(self, value: int, *, up: bool) -> int:
        stops = [notch.attempts for notch in NOTCHES]
        if up:
            return next((stop for stop in stops if stop > value), _LARGEST)
        return next((stop for stop in reversed(stops) if stop < value), 1)

    @Slot(int)
    def _commit(self, value: int) -> None:
        self.setValue(value)
        if self.value() != self._settled:
            self._settled = self.value()
            self.attempts_committed.emit(self._settled)
