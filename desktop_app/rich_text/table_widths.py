"""How wide the columns of a table are: no word is broken while its table can be scrolled instead.

Qt shares the width among columns without regard to words, and breaks them letter by letter. Here
each column gets its longest word and, of what is left, a share by how much more it would take; a
table whose words alone are too wide becomes wider than the text. Source: CSS 2.2, section 17.5.2.2.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, inf
from typing import Final, NamedTuple

from PySide6.QtCore import QTextBoundaryFinder
from PySide6.QtGui import (
    QFontMetricsF,
    QTextBlock,
    QTextDocument,
    QTextLength,
    QTextTable,
)

from desktop_app.rich_text.formats import FORMULA_OBJECT

_LONGEST_WORD: Final = 24
"""A word of more letters m than this, such as an address, may be broken."""
_SLACK: Final = 3.0
"""The lines on both sides, which Qt counts into a column, and rounding."""


class _Column(NamedTuple):
    """What a column takes, its padding included.

    Attributes:
        least: Its longest word.
        most: Its longest line.
    """

    least: int
    most: int


def tables_of(document: QTextDocument) -> list[QTextTable]:
    """The tables of a document that is not being edited."""
    return [f for f in document.rootFrame().childFrames() if isinstance(f, QTextTable)]


def fit_table(document: QTextDocument, table: QTextTable, width: int) -> None:
    """Give a table of a document columns for this many pixels."""
    layout = table.format().toTableFormat()
    columns = [_column(document, table, number) for number in range(table.columns())]
    borders = layout.border() * (len(columns) + 1)
    lengths = _lengths(columns, width - layout.leftMargin() - borders)
    layout.setColumnWidthConstraints(lengths)
    table.setFormat(layout)


def _lengths(columns: list[_Column], room: float) -> list[QTextLength]:
    least, most = sum(column.least for column in columns), sum(column.most for column in columns)
    if most <= room:
        return [QTextLength(QTextLength.Type.VariableLength, 0)] * len(columns)
    share = max(0.0, room - least) / (most - least) if most > least else 0.0
    return [
        QTextLength(
            QTextLength.Type.FixedLength,
            int(column.least + share * (column.most - column.least)),
        )
        for column in columns
    ]


def _column(document: QTextDocument, table: QTextTable, number: int) -> _Column:
    least = most = 0.0
    for row in range(table.rows()):
        cell = table.cellAt(row, number)
        padding = cell.format().toTableCellFormat()
        around = padding.leftPadding() + padding.rightPadding() + _SLACK
        block, last = cell.firstCursorPosition().block(), cell.lastCursorPosition().block()
        while True:
            word, line = _widths(document, block)
            least, most = max(least, word + around), max(most, line + around)
            if block == last:
                break
            block = block.next()
    return _Column(ceil(least), ceil(most))


def _widths(document: QTextDocument, block: QTextBlock) -> tuple[float, float]:
    """Of the longest word, and of all of a paragraph in one line."""
    longest = word = line = 0.0
    most = inf
    for text, metrics, object_width in _pieces(document, block):
        if object_width is not None:
            word, line = word + object_width, line + object_width
            continue
        most = metrics.horizontalAdvance("m" * _LONGEST_WORD)
        stretches = list(_unbroken(text))
        for number, stretch in enumerate(stretches, 1):
            word += metrics.horizontalAdvance(stretch.rstrip())
            if number < len(stretches) or stretch[-1:].isspace():
                longest, word = max(longest, min(word, most)), 0.0
        line += metrics.horizontalAdvance(text)
    return max(longest, min(word, most)), line


def _unbroken(text: str) -> Iterator[str]:
    """What stands between two places where a line may end, in whatever script."""
    units = text.encode("utf-16-le", "surrogatepass")  # what Qt counts in
    finder = QTextBoundaryFinder(QTextBoundaryFinder.BoundaryType.Line, text)
    start = 0
    while (end := finder.toNextBoundary()) != -1:
        yield units[2 * start : 2 * end].decode("utf-16-le", "surrogatepass")
        start = end


def _pieces(
    document: QTextDocument, block: QTextBlock
) -> Iterator[tuple[str, QFontMetricsF, float | None]]:
    """Stretches of one font, and the widths of formulas among them."""
    fragments = block.begin()
    while not fragments.atEnd():
        fragment = fragments.fragment()
        form = fragment.charFormat()
        metrics = QFontMetricsF(form.font().resolve(document.defaultFont()))
        if form.objectType() == FORMULA_OBJECT:
            handler = document.documentLayout().handlerForObject(FORMULA_OBJECT)
            for place in range(fragment.position(), fragment.position() + fragment.length()):
                yield "", metrics, handler.intrinsicSize(document, place, form).width()
        else:
            yield fragment.text(), metrics, None
        fragments += 1
