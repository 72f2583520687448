"""Power over the running time of a sweep, with what can be said of it."""

from __future__ import annotations

import numpy as np
import pyqtgraph  # type: ignore[import-untyped]
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from desktop_app.lab.themed_plot import restyle, series_colour, themed_plot
from desktop_app.look.theme import theme_changes
from desktop_app.words.quantities import format_power, format_ratio
from engine.lab.costs import PowerFindings

_WASH = 40


class PowerView(QWidget):
    """The meter's readings as a line, mean, peak, idle and surges in words."""

    def __init__(self) -> None:
        super().__init__()
        self._found: PowerFindings | None = None
        self._elsewhere = False
        self._about = QLabel()
        self._about.setWordWrap(True)
        self._plot = themed_plot(self.tr("Power over time"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._about)
        column.addWidget(self._plot, 1)
        theme_changes().changed.connect(self._draw)
        self._draw()

    @property
    def about(self) -> str:
        """What is said."""
        return self._about.text()

    def show_power(self, found: PowerFindings | None, *, elsewhere: bool = False) -> None:
        """Show another sweep's power.

        Args:
            found: What was measured, or None where no sensor did.
            elsewhere: Whether other machines worked too.
        """
        self._found, self._elsewhere = found, elsewhere
        self._draw()

    def _draw(self) -> None:
        restyle(self._plot, self.tr("running time, s"), self.tr("power, W"))
        self._plot.clear()
        found = self._found
        self._plot.setVisible(found is not None and bool(found.trace))
        if found is None:
            self._about.setText(self.tr("No power sensor was found: power is not available."))
            return
        self._about.setText(self._words(found))
        if not found.trace:
            return
        seconds, watts = np.array(found.trace).T
        colour = series_colour(0)
        wash = series_colour(0)
        wash.setAlpha(_WASH)
        self._plot.plot(seconds, watts, pen=pyqtgraph.mkPen(colour, width=1.5),
                        fillLevel=0, brush=wash)  # fmt: skip
        if found.idle_watts is not None:
            pen = pyqtgraph.mkPen(series_colour(None), width=1, style=pyqtgraph.QtCore.Qt.DashLine)
            self._plot.addItem(pyqtgraph.InfiniteLine(found.idle_watts, angle=0, pen=pen))
        self._plot.setYRange(0, float(watts.max()) * 1.05 or 1.0, padding=0)

    def _words(self, found: PowerFindings) -> str:
        parts = [
            self.tr("{meter}, {window}").format(meter=found.label, window=found.window),
            self.tr("mean {watts}").format(watts=format_power(found.mean_watts)),
            self.tr("peak {watts}").format(watts=format_power(found.peak_watts)),
            self.tr("idle {watts}").format(watts=format_power(found.idle_watts)),
            self.tr("peak by idle {ratio}").format(ratio=format_ratio(found.peak_to_idle)),
        ]
        if self._elsewhere:
            parts.insert(0, self.tr("this computer only"))
        if found.surges is None:
            parts.append(self.tr("surges: averaged away by this sensor"))
        else:
            parts.append(self.tr("{count} surges").format(count=found.surges))
        return " · ".join(parts)
