"""Fonts, spacing and colours of rich text, and the marks it leaves in a Qt document.

The marks (custom format properties) say which blocks belong to a code block, a quote or a rule, so
that the view can draw its background, and which LaTeX or image text an object stands for, so that
it can be copied.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QFontMetrics,
    QTextBlockFormat,
    QTextCharFormat,
    QTextFormat,
)

from desktop_app.look.theme import Theme

CODE_GROUP: Final = int(QTextFormat.Property.UserProperty) + 1
"""Block property: number of the code block a line belongs to, from 1."""
QUOTE_DEPTH: Final = int(QTextFormat.Property.UserProperty) + 2
"""Block property: how many quotes a block stands in."""
RULE: Final = int(QTextFormat.Property.UserProperty) + 3
"""Block property: the block is a thematic break."""
FORMULA_SOURCE: Final = int(QTextFormat.Property.UserProperty) + 4
"""Character property: the LaTeX of a formula, with its marks."""
FORMULA: Final = int(QTextFormat.Property.UserProperty) + 5
"""Character property: the key of the formula's picture."""
CODE_LANGUAGE: Final = int(QTextFormat.Property.UserProperty) + 6
"""Block property: the language named on a code block, on its first line."""
INLINE_CODE: Final = int(QTextFormat.Property.UserProperty) + 7
"""Character property: code within a line."""
BULLET: Final = int(QTextFormat.Property.UserProperty) + 8
"""Block property: level of a bulleted list item, from 1."""
FORMULA_OBJECT: Final = int(QTextFormat.ObjectTypes.UserObject) + 1

CODE_PADDING: Final = 12
CODE_HEADER: Final = 30
"""Height of the line with the language and the copy button above a code block."""
QUOTE_INDENT: Final = 16
LIST_INDENT: Final = 26
PARAGRAPH_SPACING: Final = 10
LINE_GAP: Final = 0.29
"""Space between lines as a part of the font size; with the font's own it gives 1.5 lines."""
HEADING_SCALES: Final = (1.5, 1.3, 1.13, 1.0, 1.0, 1.0)


class Formats:
    """The formats of one document, made for one theme and font.

    Args:
        theme: The colours.
        font: The font of running text.
    """

    def __init__(self, theme: Theme, font: QFont) -> None:
        self.theme = theme
        self.font = font
        self.pixel_size = float(QFontMetrics(font).fontDpi() * font.pointSizeF() / 72)
        if font.pixelSize() > 0:
            self.pixel_size = float(font.pixelSize())
        self.code_font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        self.code_font.setPixelSize(max(8, round(self.pixel_size * 0.92)))
        self.code_font.setStyleHint(QFont.StyleHint.Monospace)
        self.small_font = QFont(font)
        self.small_font.setPixelSize(max(9, round(self.pixel_size * 0.86)))
        self.line_gap = round(self.pixel_size * LINE_GAP)
        self.text = QTextCharFormat()
        self.text.setForeground(QColor(theme.text))
        self.muted = QTextCharFormat()
        self.muted.setForeground(QColor(theme.muted))
        self.code = QTextCharFormat()
        self.code.setFont(self.code_font)
        self.code.setForeground(QColor(theme.text))
        # The dark code background hardly differs from the window; within a line it has to.
        self.inline_background = theme.user_bubble if theme.dark else theme.code_background
        self.inline_code = QTextCharFormat(self.code)
        self.inline_code.setProperty(INLINE_CODE, 1)

    def paragraph(
        self, *, quotes: int = 0, indent: int = 0, spacing: int = PARAGRAPH_SPACING
    ) -> QTextBlockFormat:
        """The format of a paragraph.

        Args:
            quotes: How many quotes it stands in.
            indent: How many lists it stands in, unless it is the item itself.
            spacing: Space below it in pixels.
        """
        block = QTextBlockFormat()
        block.setBottomMargin(spacing)
        block.setLeftMargin(quotes * QUOTE_INDENT + indent * LIST_INDENT)
        block.setLineHeight(
            self.line_gap, int(QTextBlockFormat.LineHeightTypes.LineDistanceHeight.value)
        )
        if quotes:
            block.setProperty(QUOTE_DEPTH, quotes)
        return block

    def heading(self, level: int) -> tuple[QTextBlockFormat, QTextCharFormat]:
        """Block and character format of a heading of level 1 to 6."""
        block = self.paragraph(spacing=6)
        block.setTopMargin(14 if level < 4 else 10)
        block.setHeadingLevel(level)
        characters = QTextCharFormat(self.text)
        font = QFont(self.font)
        font.setPixelSize(round(self.pixel_size * HEADING_SCALES[level - 1]))
        font.setWeight(QFont.Weight.DemiBold)
        characters.setFont(font)
        return block, characters

    def code_line(self, group: int, *, first: bool, left: int) -> QTextBlockFormat:
        """The format of one line of a code block.

        Args:
            group: The code block's number.
            first: Whether it is the first line.
            left: Extra margin on the left in pixels.
        """
        block = QTextBlockFormat()
        block.setLeftMargin(left + CODE_PADDING)
        block.setRightMargin(CODE_PADDING)
        block.setLineHeight(
            round(self.line_gap * 0.6),
            int(QTextBlockFormat.LineHeightTypes.LineDistanceHeight.value),
        )
        if first:
            block.setTopMargin(CODE_HEADER + 4)
        block.setProperty(CODE_GROUP, group)
        return block

    def depth_font(self, depth: int) -> QFont:
        """The font whose descent is `depth` pixels.

        An object in a Qt text line reaches below the base line by the descent of its own
        character format's font, and there is no other way to say how far.
        """
        font = QFont(self.font)
        size = max(1, depth * 2)
        while size < depth * 12 + 12:
            font.setPixelSize(size)
            if QFontMetrics(font).descent() >= depth:
                break
            size += 1
        return font
