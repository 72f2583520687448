"""Paints what belongs behind rich text: code backgrounds, quote bars, rules and bullets.

Qt's own backgrounds are square and as tall as the line; these follow the drawing instead.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QTextBlock, QTextDocument

from desktop_app.rich_text.formats import (
    BULLET,
    CODE_GROUP,
    CODE_HEADER,
    CODE_LANGUAGE,
    CODE_PADDING,
    INLINE_CODE,
    LIST_INDENT,
    QUOTE_DEPTH,
    QUOTE_INDENT,
    RULE,
    Formats,
)

CODE_RADIUS = 8.0
CODE_FOOTER = 9.5


def paint_marks(painter: QPainter, document: QTextDocument, formats: Formats, clip: QRectF) -> None:
    """Paint everything that lies behind the text inside `clip`.

    Args:
        painter: Paints in the document's coordinates.
        document: The document, laid out.
        formats: Its fonts and colours.
        clip: What has to be painted; only blocks in it are looked at.
    """
    layout = document.documentLayout()
    position = layout.hitTest(clip.topLeft(), Qt.HitTestAccuracy.FuzzyHit)
    block = document.findBlock(max(0, position))
    if block.previous().isValid():
        block = block.previous()
    group, area, language = 0, QRectF(), ""
    while block.isValid():
        rect = layout.blockBoundingRect(block)
        if rect.top() - CODE_HEADER > clip.bottom() and block.length() > 1:
            break
        marks = block.blockFormat()
        of_block = marks.intProperty(CODE_GROUP)
        if of_block != group:
            _paint_code(painter, formats, area, language)
            group, area, language = of_block, QRectF(), ""
        if of_block:
            line = QRectF(rect)
            if marks.hasProperty(CODE_LANGUAGE):
                language = marks.stringProperty(CODE_LANGUAGE)
                line.setTop(rect.top() - CODE_HEADER)
            elif area.isNull():  # the beginning is out of sight
                line.setTop(rect.top() - 2 * CODE_HEADER)
            line.setLeft(marks.leftMargin() - CODE_PADDING)
            line.setRight(document.textWidth())
            area = line if area.isNull() else area.united(line)
        else:
            _paint_block(painter, formats, block, rect)
        block = block.next()
    _paint_code(painter, formats, area, language)


def _paint_code(painter: QPainter, formats: Formats, area: QRectF, language: str) -> None:
    if area.isNull():
        return
    painter.setPen(QPen(QColor(formats.theme.hairline), 1))
    painter.setBrush(QColor(formats.theme.code_background))
    box = area.adjusted(0.5, 0.5, -0.5, CODE_FOOTER)
    painter.drawRoundedRect(box, CODE_RADIUS, CODE_RADIUS)
    if language:
        painter.setFont(formats.small_font)
        painter.setPen(QColor(formats.theme.muted))
        header = QRectF(box.left() + CODE_PADDING, box.top(), box.width() - 90, CODE_HEADER)
        painter.drawText(header, Qt.AlignmentFlag.AlignVCenter, language)


def _paint_block(painter: QPainter, formats: Formats, block: QTextBlock, rect: QRectF) -> None:
    marks = block.blockFormat()
    if depth := marks.intProperty(QUOTE_DEPTH):
        bottom = rect.bottom()
        following = block.next()
        if following.isValid() and following.blockFormat().intProperty(QUOTE_DEPTH):
            bottom = following.document().documentLayout().blockBoundingRect(following).top() + 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(formats.theme.hairline))
        for level in range(depth):
            left = float(level * QUOTE_INDENT)
            if block.textDirection() is Qt.LayoutDirection.RightToLeft:
                left = block.document().textWidth() - left - 3
            bar = QRectF(left, rect.top(), 3, bottom - rect.top())
            painter.drawRoundedRect(bar, 1.5, 1.5)
    if marks.hasProperty(RULE):
        painter.setPen(QPen(QColor(formats.theme.hairline), 1))
        middle = round(rect.center().y()) + 0.5
        painter.drawLine(QPointF(0, middle), QPointF(rect.right(), middle))
    if level := marks.intProperty(BULLET):
        _paint_bullet(painter, formats, block, rect, level)
    _paint_inline_code(painter, formats, block)


def _paint_bullet(
    painter: QPainter, formats: Formats, block: QTextBlock, rect: QRectF, level: int
) -> None:
    layout = block.layout()
    if not layout.lineCount():
        return
    line = layout.lineAt(0)
    metrics = QFontMetricsF(formats.font)
    left = block.blockFormat().leftMargin() + level * LIST_INDENT - LIST_INDENT * 0.5
    if block.textDirection() is Qt.LayoutDirection.RightToLeft:
        left = block.document().textWidth() - left
    middle = rect.top() + line.y() + line.ascent() - metrics.xHeight() / 2
    radius = formats.pixel_size * 0.17
    painter.setPen(QPen(QColor(formats.theme.muted), 1.2))
    painter.setBrush(QColor(formats.theme.muted) if level % 2 else Qt.BrushStyle.NoBrush)
    painter.drawEllipse(QPointF(left, middle), radius, radius)


def _paint_inline_code(painter: QPainter, formats: Formats, block: QTextBlock) -> None:
    layout = block.layout()
    metrics = QFontMetricsF(formats.code_font)
    fragments = block.begin()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(formats.inline_background))
    while not fragments.atEnd():
        fragment = fragments.fragment()
        if fragment.charFormat().hasProperty(INLINE_CODE):
            start = fragment.position() - block.position()
            end = start + fragment.length()
            for index in range(layout.lineCount()):
                line = layout.lineAt(index)
                first = max(start, line.textStart())
                last = min(end, line.textStart() + line.textLength())
                if first >= last:
                    continue
                left = _x(line.cursorToX(first))
                right = _x(line.cursorToX(last))
                base = layout.position().y() + line.y() + line.ascent()
                box = QRectF(
                    layout.position().x() + left - 2,
                    base - metrics.ascent() - 1.5,
                    right - left + 4,
                    metrics.height() + 3,
                )
                painter.drawRoundedRect(box, 4, 4)
        fragments += 1


def _x(result: object) -> float:
    """The coordinate from `QTextLine.cursorToX`, which returns a pair in some versions."""
    return float(result[0]) if isinstance(result, tuple) else float(str(result))
