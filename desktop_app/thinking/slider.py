"""The thinking-time slider: named stops on a logarithmic scale, and any number between them.

Arrow keys go from stop to stop, with Shift by one; typing a number sets it. It knows attempts, not
models or prices.
"""

from __future__ import annotations

from math import log2

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
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

from desktop_app.theme import current_theme, pixels, theme_changes
from engine.budget import NOTCHES

_LARGEST = NOTCHES[-1].attempts
_MAGNET_PIXELS = 9
_KNOB = 6.0
_EDGE = 28


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
        self._typed = ""
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

    @property
    def unit(self) -> str:
        """What the number counts: "samples" or "rounds"."""
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
        text = f"{self.value()} {self._unit_text()}"
        text = f"{text}, {self._price}" if self._price else text
        self.setAccessibleDescription(text)
        self.setToolTip(text)

    def _unit_text(self) -> str:
        if self._unit == "rounds":
            return self.tr("rounds") if self.value() != 1 else self.tr("round")
        return self.tr("samples") if self.value() != 1 else self.tr("sample")

    # --- geometry -------------------------------------------------------------------------------

    @override
    def sizeHint(self) -> QSize:
        return QSize(pixels(400), self._height())

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(pixels(200), self._height())

    def _height(self) -> int:
        return round(20 + 2.6 * QFontMetrics(self._small_font()).height())

    def _small_font(self) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(pixels(11))
        return font

    def _place(self, attempts: float) -> float:
        share = log2(attempts) / log2(_LARGEST)
        return _EDGE + share * (self.width() - 2 * _EDGE)

    def _attempts_at(self, x: float) -> int:
        for notch in NOTCHES:
            if abs(self._place(notch.attempts) - x) <= _MAGNET_PIXELS:
                return notch.attempts
        share = (x - _EDGE) / max(1.0, self.width() - 2.0 * _EDGE)
        return round(2 ** (min(max(share, 0.0), 1.0) * log2(_LARGEST)))

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
            painter.setBrush(QColor(theme.accent_wash))
            painter.drawEllipse(QPointF(knob, y), _KNOB + 5, _KNOB + 5)
        painter.setBrush(filled)
        painter.setPen(QPen(QColor(theme.panel), 2))
        painter.drawEllipse(QPointF(knob, y), _KNOB + 1, _KNOB + 1)
        self._paint_labels(painter, y + 12)

    def _paint_labels(self, painter: QPainter, top: float) -> None:
        theme = current_theme()
        font = self._small_font()
        bold = QFont(font)
        bold.setWeight(QFont.Weight.DemiBold)
        metrics = QFontMetrics(bold)
        taken: list[tuple[float, float]] = []
        between = all(notch.attempts != self.value() for notch in NOTCHES)
        labels = [(n.attempts, self._name(n.name), n.attempts == self.value()) for n in NOTCHES]
        if between:
            labels.append((self.value(), "", True))
        labels.sort(key=lambda label: (not label[2], label[0] not in {1, _LARGEST}))
        for attempts, name, current in labels:
            width = max(metrics.horizontalAdvance(name), metrics.horizontalAdvance("64")) + 6.0
            centre = min(max(self._place(attempts), width / 2), self.width() - width / 2)
            left, right = centre - width / 2, centre + width / 2
            if any(left < end and right > start for start, end in taken):
                continue
            taken.append((left, right))
            painter.setFont(bold if current else font)
            painter.setPen(QColor(theme.text if current and self.isEnabled() else theme.muted))
            line = metrics.height()
            flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop
            painter.drawText(QRectF(left, top, width, line), flags, name)
            painter.drawText(QRectF(left, top + line, width, line), flags, str(attempts))

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
            self.attempts_committed.emit(self.value())

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        if not self.hasFocus():
            event.ignore()  # a scroll over the composer must not change the budget
            return
        self._step(up=event.angleDelta().y() > 0, fine=False)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        fine = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        match event.key():
            case Qt.Key.Key_Left | Qt.Key.Key_Down | Qt.Key.Key_PageDown:
                self._step(up=False, fine=fine)
            case Qt.Key.Key_Right | Qt.Key.Key_Up | Qt.Key.Key_PageUp:
                self._step(up=True, fine=fine)
            case Qt.Key.Key_Home:
                self._commit(1)
            case Qt.Key.Key_End:
                self._commit(_LARGEST)
            case _ if event.text().isdecimal() and event.text().isascii():
                self._type(event.text())
            case _:
                super().keyPressEvent(event)

    @override
    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._typed = ""
        self.update()
        super().focusOutEvent(event)

    def _type(self, digit: str) -> None:
        typed = self._typed + digit
        if not 1 <= int(typed) <= _LARGEST:
            typed = digit
        self._typed = typed
        if 1 <= int(typed) <= _LARGEST:
            self._commit(int(typed))

    def _step(self, *, up: bool, fine: bool) -> None:
        self._typed = ""
        value = self.value()
        if fine:
            self._commit(value + (1 if up else -1))
            return
        stops = [notch.attempts for notch in NOTCHES]
        if up:
            self._commit(next((stop for stop in stops if stop > value), _LARGEST))
        else:
            self._commit(next((stop for stop in reversed(stops) if stop < value), 1))

    def _commit(self, value: int) -> None:
        self.setValue(value)
        self.attempts_committed.emit(self.value())
