"""The small parts a turn is put together from: quiet buttons, notices and the thought line."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget
from typing_extensions import override

from desktop_app.look.theme import current_theme, themed_icon
from desktop_app.rich_text.view import RichTextView
from desktop_app.words.quantities import format_count

THOUGHT_INDENT = 14
QUIET_PADDING = 7


class QuietButton(QToolButton):
    """A text button that stands back until it is pointed at or focused.

    Its text begins `QUIET_PADDING` pixels from its left edge, so that it can be aligned with text.
    """

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText(text)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """The text with its padding."""
        metrics = self.fontMetrics()
        return QSize(
            metrics.horizontalAdvance(self.text()) + 2 * QUIET_PADDING, metrics.height() + 8
        )

    def minimumSizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """The text with its padding: it is never cut."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802 (Qt's name)
        """Draw it."""
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        lively = self.isEnabled() and (self.underMouse() or self.hasFocus())
        painter.setPen(QColor(theme.accent) if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.setBrush(
            QColor(theme.code_background) if lively else QColor(Qt.GlobalColor.transparent)
        )
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        painter.setPen(QColor(theme.text if lively else theme.muted))
        if not self.isEnabled():
            painter.setPen(QColor(theme.hairline))
        area = self.rect().adjusted(QUIET_PADDING, 0, 0, 0)
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, self.text())


class QuietToggle(QuietButton):
    """An icon button that stands back and stays pressed: filled, in the accent colour.

    It is pressed when `show_state` says so, not when it is clicked: what it shows is recorded.

    Args:
        icon: Name of its icon; the pressed one's name ends in "-filled".
        name: What pressing it says.
        parent: Its row.
    """

    def __init__(self, icon: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self._icon = icon
        self._name = name
        self.setCheckable(True)
        self.setAccessibleName(name)
        self.show_state(pressed=False)

    def show_state(self, *, pressed: bool) -> None:
        """Show whether it was said."""
        self.setChecked(pressed)
        taken_back = self.tr("Press again to take it back")
        self.setToolTip(f"{self._name}. {taken_back}" if pressed else self._name)

    @override
    def nextCheckState(self) -> None:
        """Stay as it is."""

    @override
    def sizeHint(self) -> QSize:
        """A square icon with its padding, as high as the text buttons."""
        side = self.fontMetrics().height()
        return QSize(side + 2 * QUIET_PADDING, side + 8)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        super().paintEvent(event)
        lively = self.underMouse() or self.hasFocus()
        side = self.fontMetrics().height()
        place = QRect(0, 0, side, side)
        place.moveCenter(self.rect().center())
        painter = QPainter(self)
        if self.isChecked():
            themed_icon(f"{self._icon}-filled", "accent").paint(painter, place)
        else:
            themed_icon(self._icon, "text" if lively else "muted").paint(painter, place)


class OutlinedButton(QToolButton):
    """A button for a choice inside a turn."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText(text)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.restyle()

    def restyle(self) -> None:
        """Take the present theme's colours."""
        theme = current_theme()
        self.setStyleSheet(
            f"QToolButton {{ border: 1px solid {theme.hairline}; border-radius: 7px;"
            f" padding: 4px 12px; color: {theme.text}; background: {theme.panel}; }}"
            f"QToolButton:hover {{ background: {theme.accent_wash}; }}"
            f"QToolButton:focus {{ border-color: {theme.accent}; }}"
        )


class Notice(QWidget):
    """A remark with a coloured edge: a title, a text and perhaps buttons.

    Args:
        parent: The turn.

    Attributes:
        pressed: The button.
        other_pressed: The one beside it.
    """

    pressed = Signal()
    other_pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = QLabel(self)
        self._text = QLabel(self)
        for label in (self._title, self._text):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._button = OutlinedButton("", self)
        self._button.clicked.connect(self.pressed)
        self._other = OutlinedButton("", self)
        self._other.clicked.connect(self.other_pressed)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 14, 12)
        column.setSpacing(4)
        column.addWidget(self._title)
        column.addWidget(self._text)
        row = QHBoxLayout()
        row.setContentsMargins(0, 4, 0, 0)
        row.addWidget(self._button)
        row.addWidget(self._other)
        row.addStretch(1)
        column.addLayout(row)
        self.restyle()

    def set_notice(self, title: str, text: str, button: str = "", other: str = "") -> None:
        """Say something else; without a button's text there is no such button."""
        self._title.setText(title)
        self._title.setVisible(bool(title))
        self._text.setText(text)
        self._text.setVisible(bool(text))
        for each, said in ((self._button, button), (self._other, other)):
            each.setText(said)
            each.setVisible(bool(said))
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)

    def restyle(self) -> None:
        """Take the present theme's colours."""
        theme = current_theme()
        self._title.setStyleSheet(f"color: {theme.text}; font-weight: 600;")
        self._text.setStyleSheet(f"color: {theme.muted};")
        self._button.restyle()
        self._other.restyle()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802 (Qt's name)
        """Draw the panel and its edge."""
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QColor(theme.hairline))
        painter.setBrush(QColor(theme.panel))
        painter.drawRoundedRect(box, 8, 8)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.warning))
        painter.drawRoundedRect(QRectF(6, 12, 3, self.height() - 24), 1.5, 1.5)


class ThoughtSection(QWidget):
    """The hidden thought of an answer: one line that opens to the whole text."""

    height_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._thought = ""
        self._tokens = 0
        self._running = False
        self._width = 0
        self.line = QuietButton("", self)
        self.line.setCheckable(True)
        self.line.toggled.connect(self._on_toggled)
        self._body: RichTextView | None = None

    def set_thought(self, thought: str, tokens: int, *, running: bool) -> None:
        """Show another thought.

        Args:
            thought: Its text.
            tokens: How many tokens it took, 0 if that is not known.
            running: Whether it is still being thought.
        """
        self._thought, self._tokens, self._running = thought, tokens, running
        self._name_line()
        if self._body is not None and self.line.isChecked():
            self._body.set_markdown(thought)

    def place(self, width: int) -> int:
        """Lay it out in this many pixels; returns its height."""
        self._width = width
        line = self.line.sizeHint()
        self.line.setGeometry(0, 0, line.width(), line.height())
        height = line.height()
        if self._body is not None and self.line.isChecked():
            self._body.set_width(width - THOUGHT_INDENT)
            self._body.move(QUIET_PADDING + THOUGHT_INDENT, height + 6)
            height += self._body.height() + 10
        self.resize(width + QUIET_PADDING, height)
        return height

    def restyle(self) -> None:
        """Take the present theme's colours."""
        self.update()

    def _name_line(self) -> None:
        mark = "▾" if self.line.isChecked() else "▸"
        count = format_count(self._tokens)
        if self._running and self._tokens:
            text = self.tr("Thinking, {0} tokens").format(count)
        elif self._running:
            text = self.tr("Thinking")
        elif self._tokens == 1:
            text = self.tr("Thought for 1 token")
        elif self._tokens:
            text = self.tr("Thought for {0} tokens").format(count)
        else:
            text = self.tr("Thought")
        self.line.setText(f"{mark} {text}")
        self.line.setAccessibleName(text)
        self.line.setAccessibleDescription(
            self.tr("Open. Press to hide the thought.")
            if self.line.isChecked()
            else self.tr("Hidden. Press to show the thought.")
        )

    def _on_toggled(self, opened: bool) -> None:  # noqa: FBT001 (Qt's signal)
        if opened and self._body is None:
            self._body = RichTextView(self, muted=True)
            self._body.setAccessibleName(self.tr("Thought"))
            self._body.height_changed.connect(self.height_changed)
        if self._body is not None:
            self._body.setVisible(opened)
            if opened:
                self._body.set_width(max(1, self._width - THOUGHT_INDENT))
                self._body.set_markdown(self._thought)
        self._name_line()
        self.height_changed.emit()

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """The size it was laid out in."""
        return self.size()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802 (Qt's name)
        """Draw the bar beside an open thought."""
        if self._body is None or not self.line.isChecked():
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(current_theme().hairline))
        area = QRectF(QUIET_PADDING, self._body.y(), 3, self._body.height())
        painter.drawRoundedRect(area, 1.5, 1.5)
