"""The top bar's model button, and how a model's place and context are written.

It must not know what pressing it opens.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from desktop_app.engines import is_description, model_title
from desktop_app.library.endpoint_words import endpoint_words
from desktop_app.library.model_control import ModelPhase, ModelState
from desktop_app.look.theme import current_theme, pixels, theme_changes
from desktop_app.words.endpoint_text import servers_text
from engine.generation import ModelReport


def placement_text(report: ModelReport) -> str:
    """Where it runs: "Q4_K_M · 36/36 layers on GPU" as llama.cpp said, or "3 servers"."""
    if report.endpoints:
        return servers_text(report, endpoint_words)
    parts = [report.quantization] if report.quantization else []
    if report.layers_on_gpu:
        parts.append(f"{report.layers_on_gpu}/{report.layers} layers on GPU")
    elif report.layers:
        parts.append("CPU")
    return " · ".join(parts)


def tokens_text(tokens: int) -> str:
    """A number of tokens, short: "850", "1.2k", "16k"."""
    if tokens < 1000:
        return str(tokens)
    thousands = tokens / 1024 if tokens % 1024 == 0 else tokens / 1000
    return f"{thousands:.0f}k" if thousands >= 10 else f"{thousands:.1f}k".replace(".0k", "k")


class ModelButton(QAbstractButton):
    """The top bar's button: a status dot, the model's name, where it runs."""

    def __init__(self) -> None:
        super().__init__()
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._state = ModelState()
        self._about = ""
        theme_changes().changed.connect(self._on_theme_changed)
        self.show_state(self._state)

    def show_state(self, state: ModelState) -> None:
        """Show where the model stands."""
        self._state = state
        self._about = ""
        match state.phase:
            case ModelPhase.READY if state.report is not None:
                self.setText(state.report.name)
                self._about = placement_text(state.report)
            case ModelPhase.LOADING if state.path is not None:
                self.setText(model_title(state.path))
                self._about = self._loading_text(state.path, state.fraction)
            case _:
                self.setText(self.tr("Choose a model"))
        if state.checking is not None:
            name = model_title(state.checking)
            self._about = self.tr("checking {name}").format(name=name)
        self.setAccessibleName(self.tr("Model: {name}").format(name=self.text()))
        self.setAccessibleDescription(self._about)
        self.setToolTip(str(state.path) if state.path is not None else "")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Name and place on one line."""
        name = self.fontMetrics().horizontalAdvance(self.text())
        about = self._small_metrics_width(self._about)
        return QSize(name + about + pixels(14) * 5, self._height())

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Room for an elided name."""
        return QSize(pixels(120), self._height())

    def _loading_text(self, path: Path, fraction: float) -> str:
        if is_description(path):  # the servers have loaded their model already
            return self.tr("connecting")
        return self.tr("loading {percent} %").format(percent=round(fraction * 100))

    def _height(self) -> int:
        return self.fontMetrics().height() + 14

    def _small_font(self) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(pixels(12))
        return font

    def _small_metrics_width(self, text: str) -> int:
        return QFontMetrics(self._small_font()).horizontalAdvance(text)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Dot, name, place, arrow."""
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = theme.accent if self.hasFocus() else theme.hairline
        painter.setPen(QColor(edge))
        painter.setBrush(QColor(theme.accent_wash if self.underMouse() else theme.panel))
        painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), 8, 8)
        dot = {
            ModelPhase.READY: theme.good,
            ModelPhase.LOADING: theme.accent,
            ModelPhase.NO_MODEL: theme.warning if self._state.error_code else theme.none_group,
        }[self._state.phase]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(dot))
        middle = self.height() // 2
        painter.drawEllipse(QPoint(16, middle), 4, 4)
        arrow = 26
        room = self.width() - 28 - arrow
        painter.setPen(QColor(theme.text))
        name = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room)
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(28, 0, room, self.height(), flags, name)
        left = 28 + self.fontMetrics().horizontalAdvance(name) + 10
        painter.setFont(self._small_font())
        painter.setPen(QColor(theme.muted))
        room = self.width() - left - arrow
        if room > 30:
            about = painter.fontMetrics().elidedText(self._about, Qt.TextElideMode.ElideRight, room)
            painter.drawText(left, 1, room, self.height(), flags, about)
        painter.setPen(QColor(theme.text))
        painter.drawText(
            self.width() - arrow, 0, arrow - 8, self.height(), Qt.AlignmentFlag.AlignCenter, "▾"
        )

    def _on_theme_changed(self) -> None:
        self.updateGeometry()
        self.update()
