"""The icons: line drawings of 16 units, tinted by the caller.

It exists so that icons follow the theme and stay sharp at every scaling. It must not know the
theme: a colour is given. `arrow-*.svg` and `tick-*.svg` have colours of their own, because a style
sheet cannot tint them: the arrows one that is visible on light and dark, the ticks one for each.
`ponder.svg` is the program's own icon, the same picture as the installers'.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Final

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

ICON_FOLDER: Final = Path(__file__).parent
_SIZES: Final = (16, 20, 24, 32, 40, 48, 64)


@lru_cache(maxsize=256)
def tinted_icon(name: str, colour: str, disabled_colour: str = "") -> QIcon:
    """Return an icon in one colour.

    Args:
        name: File name in this folder without its ending.
        colour: Of the lines, as a hex string.
        disabled_colour: Of the lines while a control is disabled; half of `colour` without it.

    Raises:
        FileNotFoundError: There is no such icon.
    """
    drawing = (ICON_FOLDER / f"{name}.svg").read_bytes()
    faded = QColor(disabled_colour or colour)
    if not disabled_colour:
        faded.setAlphaF(0.5)
    icon = QIcon()
    for size in _SIZES:
        icon.addPixmap(_drawn(drawing, size, QColor(colour)), QIcon.Mode.Normal)
        icon.addPixmap(_drawn(drawing, size, faded), QIcon.Mode.Disabled)
    return icon


def own_icon() -> QIcon:
    """Return the program's icon, in its colours."""
    drawing = (ICON_FOLDER / "ponder.svg").read_bytes()
    icon = QIcon()
    for size in _SIZES:
        icon.addPixmap(_drawn(drawing, size))
    return icon


def _drawn(drawing: bytes, size: int, colour: QColor | None = None) -> QPixmap:
    """Draw at a size, in one colour or in the drawing's own."""
    pixmap = QPixmap(QSize(size, size))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(drawing)).render(painter, QRectF(0, 0, size, size))
    if colour is not None:
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
        painter.fillRect(pixmap.rect(), colour)
    painter.end()
    return pixmap
