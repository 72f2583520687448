"""One version of an answer in the comparison: what made it, what it took, what it says.

Every fact has one line of its own, so that the same fact is at the same height in every column.
"""

from __future__ import annotations

from PySide6.QtCore import QLineF, QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop_app.chat.versions import Best, Version
from desktop_app.look.cut_line import CutLine
from desktop_app.look.steady_scroll import keep_bar_room
from desktop_app.look.theme import current_theme, numeric_font
from desktop_app.look.tips import plain_tip
from desktop_app.rich_text.page import RichTextPage
from desktop_app.words.quantities import NOT_AVAILABLE

_PADDING = 16


class CompareColumn(QWidget):
    """Shows a version.

    Attributes:
        use_requested: (message_id) It is to be the shown one.
        page: What it says.
        use: The button for that.
    """

    use_requested = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._message_id = ""
        self._shown = False
        self._title, self._spent, self._votes = CutLine(), CutLine(), CutLine()
        self._place = QLabel()
        for line in (self._title, self._votes):
            line.setProperty("heading", True)
        for label in (self._spent, self._place):
            label.setProperty("muted", True)
        names = (self.tr("Time"), self.tr("Tokens"), self.tr("Energy"))
        self._names = [QLabel(name) for name in names]
        self._values = [QLabel() for _ in names]
        self._marks = [QLabel() for _ in names]
        self._lines = (QWidget(), QWidget())
        self.page = RichTextPage()
        keep_bar_room(self.page)
        self.use = QPushButton(self.tr("Use this one"))
        self.use.setAutoDefault(False)
        self.use.clicked.connect(lambda _checked=False: self.use_requested.emit(self._message_id))
        self._build()

    def show_version(self, version: Version, of: int, best: Best) -> None:
        """Show a version.

        Args:
            version: Which.
            of: How many there are.
            best: Which of them took the least.
        """
        self._message_id, self._shown = version.message_id, version.shown
        self._title.say(version.title)
        self._spent.say(version.spent)
        self._place.setText(f"{version.number} / {of}")
        self._votes.say(version.votes)
        told = (version.time_text, version.tokens_text, version.energy_text)
        for value, text in zip(self._values, told, strict=True):
            self._show_value(value, text)
        about = version.energy_about
        self._values[2].setToolTip(plain_tip(about) if about else "")
        self._marks[0].setText(self.tr("fastest") if version.message_id in best.time else "")
        self._marks[2].setText(self.tr("least") if version.message_id in best.energy else "")
        self.page.view.set_markdown(version.text)
        self.use.setText(self.tr("Shown now") if version.shown else self.tr("Use this one"))
        self.use.setEnabled(not version.shown)
        self._name(version, of)
        self.update()

    def _name(self, version: Version, of: int) -> None:
        """Let a screen reader say what stands above the answer, and which one a button means."""
        which = self.tr("Version {number} of {count}").format(number=version.number, count=of)
        facts = [version.votes]
        facts += [
            ", ".join(filter(None, (f"{name.text()} {value.text()}", mark.text())))
            for name, value, mark in zip(self._names, self._values, self._marks, strict=True)
        ]
        head = ", ".join(filter(None, (which, version.model, version.spent)))
        self.setAccessibleName(head)
        self.page.view.setAccessibleName(head)
        self.page.view.setAccessibleDescription("; ".join(facts))
        self.use.setAccessibleName(f"{self.use.text()}: {head}")

    def _build(self) -> None:
        facts = QGridLayout()
        facts.setHorizontalSpacing(12)
        facts.setVerticalSpacing(4)
        facts.addWidget(self._votes, 0, 0, 1, 2)
        self._votes.setContentsMargins(0, 0, 0, 4)
        for row, (name, value, mark) in enumerate(
            zip(self._names, self._values, self._marks, strict=True), 1
        ):
            name.setProperty("muted", True)
            mark.setProperty("good", True)
            measured = QHBoxLayout()
            measured.setSpacing(10)
            measured.addWidget(value)
            measured.addWidget(mark)
            measured.addStretch(1)
            facts.addWidget(name, row, 0)
            facts.addLayout(measured, row, 1)
        facts.setColumnStretch(1, 1)
        for line in self._lines:
            line.setFixedHeight(1)
        foot = QWidget()
        under = QVBoxLayout(foot)
        under.setContentsMargins(_PADDING, 12, _PADDING, 0)
        under.addWidget(self.use, 0, Qt.AlignmentFlag.AlignLeft)
        head = QVBoxLayout()
        head.setContentsMargins(_PADDING, 0, _PADDING, 12)
        head.setSpacing(2)
        top = QHBoxLayout()
        top.setSpacing(12)
        top.addWidget(self._title, 1)
        top.addWidget(self._place)
        head.addLayout(top)
        head.addWidget(self._spent)
        head.addSpacing(10)
        head.addWidget(self._lines[0])
        head.addSpacing(10)
        head.addLayout(facts)
        head.addSpacing(10)
        head.addWidget(self._lines[1])
        text = QVBoxLayout()
        text.setContentsMargins(_PADDING, 0, 4, 0)  # the bar's place is at the right
        text.addWidget(self.page)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(1, 14, 1, 14)
        whole.setSpacing(0)
        whole.addLayout(head)
        whole.addLayout(text, 1)
        whole.addWidget(foot)

    def _show_value(self, value: QLabel, text: str) -> None:
        """Show a figure; one that was not measured stands back."""
        value.setText(text)
        known = text != NOT_AVAILABLE
        font = numeric_font(value.font())
        font.setWeight(QFont.Weight.DemiBold if known else QFont.Weight.Normal)
        value.setFont(font)
        value.setProperty("muted", not known)
        value.style().unpolish(value)
        value.style().polish(value)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802 - Qt's name
        """Draw the card, its edge in the accent colour where it is the shown one."""
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(theme.accent if self._shown else theme.hairline))
        painter.setBrush(QColor(theme.panel))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 10, 10)
        painter.setPen(QColor(theme.hairline))
        for line in self._lines:
            y = line.mapTo(self, QPoint()).y() + 0.5
            painter.drawLine(QLineF(_PADDING, y, self.width() - _PADDING, y))
