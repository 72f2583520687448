"""The window's three columns: which of the outer two are seen, and how wide all are.

Where there is no room for all, an outer column steps back until there is: the sidebar, or the panel
when the person asked for the sidebar last. What was asked for by hand is always shown. It must not
know what is in the columns.
"""

from __future__ import annotations

from enum import IntEnum

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QSplitter, QWidget

from desktop_app.look.theme import pixels, theme_changes, zoom

SIDEBAR_WIDTH = 236
_NARROWEST_CENTRE = 400
"""In less an answer cannot be read; where text is larger, outer columns step back earlier."""
_COMFORTABLE_CENTRE = 560
"""Below this the outer columns give up what they have beyond their least."""


class Side(IntEnum):
    """An outer column, by its place."""

    SIDEBAR = 0
    PANEL = 2


class Columns(QSplitter):
    """Sidebar, centre and panel.

    Args:
        sidebar: The left one.
        centre: Always seen.
        panel: The right one.
        widths: Of the three, to begin with.

    Attributes:
        fitted: Other columns may be seen than before.
    """

    fitted = Signal()

    def __init__(
        self, sidebar: QWidget, centre: QWidget, panel: QWidget, widths: tuple[int, int, int]
    ) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._widgets = (sidebar, centre, panel)
        self._widths: tuple[int, ...] = widths
        self._wanted = dict.fromkeys(Side, True)
        self._first = Side.PANEL
        self._asked = False
        self._zoom = 1.0
        self.setHandleWidth(1)
        self.setChildrenCollapsible(False)
        for place, widget in enumerate(self._widgets):
            self.addWidget(widget)
            self.setStretchFactor(place, int(widget is centre))
        centre.setMinimumWidth(_NARROWEST_CENTRE)
        self.setSizes(list(widths))
        self.splitterMoved.connect(self._on_dragged)
        theme_changes().changed.connect(self._on_theme_changed)

    @property
    def widths(self) -> tuple[int, ...]:
        """Of all three; the outer ones as the person left them, seen or not."""
        return self._widths[Side.SIDEBAR], self.sizes()[1], self._widths[Side.PANEL]

    def wants(self, side: Side) -> bool:
        """Whether the person wants a column, be there room or not."""
        return self._wanted[side]

    @property
    def centre(self) -> QWidget:
        """What is always seen."""
        return self._widgets[1]

    def shows(self, side: Side) -> bool:
        """Whether a column is seen."""
        return not self._widgets[side].isHidden()

    def show_side(self, side: Side, *, shown: bool) -> None:
        """The person wants to see a column, or no longer."""
        self._wanted[side] = shown
        if shown:
            self._first, self._asked = side, True
        self._fit()

    def restore(self, widths: tuple[int, ...], *, sidebar: bool, panel: bool) -> None:
        """Be as it was left.

        Args:
            widths: Of the three; others than three above 0 are not used.
            sidebar: Whether the sidebar is wanted.
            panel: Whether the panel is wanted.
        """
        self._wanted = {Side.SIDEBAR: sidebar, Side.PANEL: panel}
        if len(widths) == 3 and all(width > 0 for width in widths):
            self._widths = widths
        self._fit()

    def _fit(self) -> None:
        """Show what is wanted, as far as there is room for it."""
        room = self.width() - max(self._narrowest(1), pixels(_NARROWEST_CENTRE))
        for side in self._in_order:
            needed = self._narrowest(side)
            asked = self._asked and side is self._first
            shown = self._wanted[side] and (asked or needed <= room or not self.isVisible())
            self._widgets[side].setVisible(shown)
            room -= needed if shown else 0
        self._share()
        self.fitted.emit()

    def _share(self) -> None:
        """Give the outer columns that are seen their widths, as far as the centre has room."""
        sizes, room = [0, 0, 0], self.width() - pixels(_COMFORTABLE_CENTRE)
        seen = [side for side in self._in_order if self.shows(side)]
        for place, side in enumerate(seen):
            kept = sum(self._narrowest(other) for other in seen[place + 1 :])
            sizes[side] = max(self._narrowest(side), min(self._widths[side], room - kept))
            room -= sizes[side]
        sizes[1] = max(_NARROWEST_CENTRE, self.width() - sum(sizes))
        self.setSizes(sizes)

    @property
    def _in_order(self) -> list[Side]:
        """What the person asked for last comes first."""
        return [self._first, *(side for side in Side if side is not self._first)]

    def _narrowest(self, place: int) -> int:
        widget = self._widgets[place]
        return max(widget.minimumSizeHint().width(), widget.minimumWidth())

    def _on_theme_changed(self) -> None:
        """Widen the sidebar with the text, as far as the window goes."""
        if self._zoom == zoom():
            return
        self._zoom = zoom()
        wanted = min(pixels(SIDEBAR_WIDTH), self.width() // 4)
        self._widths = (wanted, *self._widths[1:])
        self._fit()

    def _on_dragged(self) -> None:
        now = zip(self.sizes(), self._widths, strict=True)
        self._widths = tuple(width or before for width, before in now)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Let columns come and go with the room."""
        super().resizeEvent(event)
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Begin with what fits."""
        super().showEvent(event)
        self._fit()
