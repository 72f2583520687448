"""Draws typeset formulas inside a text line, sharp at every device pixel ratio."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRect, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QPainter,
    QPixmap,
    QPyTextObject,
    QTextCharFormat,
    QTextDocument,
    QTextFormat,
)
from PySide6.QtSvg import QSvgRenderer

from desktop_app.rich_text.formats import FORMULA, FORMULA_OBJECT, FORMULA_SOURCE, Formats
from desktop_app.rich_text.formulas import Formula, typeset

OBJECT_CHARACTER = "\ufffc"


def formula_format(
    latex: str, formats: Formats, size: float, *, display: bool
) -> QTextCharFormat | None:
    """The character format of an object that shows a formula, or None if it cannot be typeset."""
    key = (latex, size, formats.theme.text, display)
    formula = typeset(latex, size, formats.theme.text, display=display)
    if formula is None:
        return None
    characters = QTextCharFormat()
    characters.setObjectType(FORMULA_OBJECT)
    if formula.depth:
        characters.setFont(formats.depth_font(formula.depth))
        characters.setVerticalAlignment(QTextCharFormat.VerticalAlignment.AlignBaseline)
    characters.setProperty(FORMULA, list(key))
    mark = "$$" if display else "$"
    characters.setProperty(FORMULA_SOURCE, f"{mark}{latex}{mark}")
    return characters


class FormulaObject(QPyTextObject):
    """Qt's handler for formulas in a document; one serves all formulas."""

    def intrinsicSize(  # noqa: N802 (Qt's name)
        self,
        doc: QTextDocument,
        posInDocument: int,  # noqa: ARG002, N803
        format: QTextFormat,  # noqa: A002
    ) -> QSizeF:
        """The formula's size in pixels, at most the width of the text."""
        formula = _formula_of(format)
        if formula is None:
            return QSizeF(0, 0)
        scale = _scale(formula, doc.textWidth())
        return QSizeF(formula.width * scale, (formula.ascent + formula.depth) * scale)

    def drawObject(  # noqa: N802 (Qt's signature)
        self,
        painter: QPainter,
        rect: QRectF | QRect,
        doc: QTextDocument,  # noqa: ARG002
        posInDocument: int,  # noqa: ARG002, N803
        format: QTextFormat,  # noqa: A002
    ) -> None:
        """Draw it."""
        formula = _formula_of(format)
        if formula is None or rect.isEmpty():
            return
        ratio = painter.device().devicePixelRatioF()
        pixmap = _picture(formula, round(rect.width()), round(rect.height()), ratio)
        painter.drawPixmap(rect.topLeft(), pixmap)


def _formula_of(characters: QTextFormat) -> Formula | None:
    latex, size, colour, display = characters.property(FORMULA)
    return typeset(str(latex), float(size), str(colour), display=bool(display))


def _scale(formula: Formula, width: float) -> float:
    return min(1.0, width / formula.width) if width > 0 else 1.0


@lru_cache(maxsize=500)
def _picture(formula: Formula, width: int, height: int, ratio: float) -> QPixmap:
    pixmap = QPixmap(max(1, round(width * ratio)), max(1, round(height * ratio)))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(formula.svg)).render(painter, QRectF(0, 0, width, height))
    painter.end()
    return pixmap
