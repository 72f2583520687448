"""The small parts the deliberation panel is made of: headings, remarks that give way, figures.

They show what they are given; what it means is the panel's business.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QWidget
from typing_extensions import override

from desktop_app.look.theme import numeric_font, pixels
from desktop_app.words.quantities import NOT_AVAILABLE

_FIGURE_WIDTH = 84
_BETWEEN = " · "


class Remark(QLabel):
    """A muted line that says less where it does not fit: its last parts go, and then letters."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("muted", True)
        self.setFont(numeric_font(self.font()))
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._shorter = ""

    def say(self, text: str, shorter: str = "") -> None:
        """Show a text, whole in its tooltip; nothing is laid out again for the same one.

        Args:
            text: Its parts, the most important first, stand apart by "·".
            shorter: What says the same in fewer words.
        """
        self._shorter = shorter
        if text != self.text():
            self.setText(text)
            self.setToolTip(text)

    def text_in(self, width: int) -> str:
        """What is shown of it in so many pixels."""
        metrics = QFontMetrics(self.font())
        parts = self.text().split(_BETWEEN)
        fewer = [_BETWEEN.join(parts[:count]) for count in range(len(parts), 0, -1)]
        wordings = [*fewer, *filter(None, [self._shorter])]
        fitting = (wording for wording in wordings if metrics.horizontalAdvance(wording) <= width)
        shortest = metrics.elidedText(wordings[-1], Qt.TextElideMode.ElideRight, width)
        return next(fitting, shortest)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        place = self.contentsRect()
        painter.drawText(place, self.alignment(), self.text_in(place.width()))


class Heading(QWidget):
    """A section's title on the left, a remark on the right."""

    def __init__(self, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._title = label = QLabel(title, self)
        label.setProperty("heading", True)
        self._remark = Remark(self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 16, 0, 8)
        layout.setSpacing(12)
        layout.addWidget(label)
        layout.addWidget(self._remark, 1)

    def set_title(self, title: str) -> None:
        """Call the section something else."""
        if title != self._title.text():
            self._title.setText(title)

    @property
    def remark(self) -> Remark:
        """The line on the right."""
        return self._remark

    def add(self, widget: QWidget) -> None:
        """Put a control at the right end."""
        layout = self.layout()
        assert layout is not None
        layout.addWidget(widget)


class Figure(NamedTuple):
    """A number with its name.

    Attributes:
        value: As people read it; "not available" is written small.
        tip: How it is known.
    """

    name: str
    value: str
    tip: str = ""


class Figures(QWidget):
    """Some numbers in a row, in two rows where it is narrow."""

    def __init__(self, names: Sequence[str], parent: QWidget) -> None:
        super().__init__(parent)
        self._columns = 0
        self._cells: list[QWidget] = []
        self._values: list[QLabel] = []
        for name in names:
            cell = QWidget(self)
            value = QLabel(cell)
            value.setFont(numeric_font(value.font()))
            label = QLabel(name, cell)
            label.setProperty("muted", True)
            grid = QGridLayout(cell)
            grid.setContentsMargins(0, 0, 0, 0)
            grid.setVerticalSpacing(2)
            grid.addWidget(value, 0, 0)
            grid.addWidget(label, 1, 0)
            self._cells.append(cell)
            self._values.append(value)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 8, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(8)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._arrange(len(names))

    def show_figures(self, figures: Sequence[Figure]) -> None:
        """Write the numbers, in the order of the names."""
        for label, figure in zip(self._values, figures, strict=True):
            if (label.text(), label.toolTip()) == (figure.value, figure.tip):
                continue
            known = figure.value != NOT_AVAILABLE
            if label.property("heading") is not known:
                label.setProperty("heading", known)
                label.setProperty("muted", not known)
                label.style().unpolish(label)
                label.style().polish(label)
            label.setText(figure.value)
            label.setToolTip(figure.tip)
            label.setAccessibleName(f"{figure.name}: {figure.value}")

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        fits = self.width() >= pixels(_FIGURE_WIDTH) * len(self._cells)
        self._arrange(len(self._cells) if fits else 2)

    def _arrange(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        for column in range(len(self._cells)):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
        for place, cell in enumerate(self._cells):
            self._grid.addWidget(cell, place // columns, place % columns)
