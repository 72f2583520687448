"""Keeps a Qt document equal to growing Markdown, redrawing only what changed.

Finished blocks stay as they are; when text is appended, the last two blocks are cut and written
again. Long texts are written in slices of a few milliseconds, so that nothing freezes the window.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from time import perf_counter

from PySide6.QtGui import (
    QTextBlockFormat,
    QTextCursor,
    QTextDocument,
    QTextOption,
    QTextTable,
)

from desktop_app.rich_text.blocks import Block, BlockKind, split_blocks, split_literal
from desktop_app.rich_text.formats import FORMULA_OBJECT, Formats
from desktop_app.rich_text.formula_object import FormulaObject
from desktop_app.rich_text.table_widths import fit_table, tables_of
from desktop_app.rich_text.writer import BlockWriter


@dataclass(frozen=True, slots=True)
class _Written:
    """A block in the document, and how to take it out again.

    Attributes:
        block: What was written.
        position: The document's last position before it.
        fresh: Whether the document's last block was unused before it.
        before: Format of the document's last block before it.
        kind_before: Kind of the block before it.
    """

    block: Block
    position: int
    fresh: bool
    before: QTextBlockFormat
    kind_before: BlockKind | None


class RichDocument:
    """Markdown in a `QTextDocument`.

    Args:
        document: The document to fill; it belongs to this object from now on.
        formats: Fonts and colours.
        literal: Whether only formulas and code blocks are special, as in a question.
    """

    def __init__(self, document: QTextDocument, formats: Formats, *, literal: bool = False) -> None:
        self._literal = literal
        self._document = document
        self._text = ""
        self._width = 0
        self._blocks: list[Block] = []
        self._written: list[_Written] = []
        self._formula_object = FormulaObject(document)
        document.setUndoRedoEnabled(False)
        document.setDocumentMargin(0)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        document.setDefaultTextOption(option)
        self._restart(formats)

    @property
    def text(self) -> str:
        """The Markdown that is shown or being written."""
        return self._text

    @property
    def code_starts(self) -> list[int]:
        """Positions of the first lines of all code blocks written so far."""
        return self._writer.code_starts

    @property
    def complete(self) -> bool:
        """Whether all of the text has been written."""
        return len(self._written) == len(self._blocks) and (
            not self._blocks or self._written[-1].block == self._blocks[-1]
        )

    def set_formats(self, formats: Formats) -> None:
        """Start again with other fonts or colours; `write_some` has to be called after it."""
        self._restart(formats)

    def set_text(self, text: str) -> None:
        """Show other Markdown; cheap if it only grew. `write_some` has to be called after it."""
        if text == self._text:
            return
        if self._literal:
            self._blocks = split_literal(text)
        elif self._blocks and text.startswith(self._text):
            keep = max(0, len(self._blocks) - 2)
            while self._blocks[keep].part:  # parts of code can only be found from its first line
                keep -= 1
            previous = self._blocks[keep - 1] if keep else None
            tail = split_blocks(text, self._blocks[keep].start, previous)
            self._blocks[keep:] = tail
        else:
            self._blocks = split_blocks(text)
        self._text = text

    def set_width(self, width: int) -> None:
        """Fit tables to so many pixels, those that are written and those to come."""
        self._width = width
        tables = tables_of(self._document)
        self._cursor.beginEditBlock()
        self._fit(tables)
        self._cursor.endEditBlock()

    def write_some(self, seconds: float | None = None) -> bool:
        """Write what is missing.

        Args:
            seconds: Stop when this much time has passed, after at least one block; None writes all.

        Returns:
            Whether all of the text is written now.
        """
        if self.complete:
            return True
        deadline = None if seconds is None else perf_counter() + seconds
        self._cursor.beginEditBlock()
        try:
            same = self._first_difference()
            if not self._extend_code(same):
                self._cut(same)
            while len(self._written) < len(self._blocks):
                self._write(self._blocks[len(self._written)])
                if deadline is not None and perf_counter() > deadline:
                    break
            self._fit(self._writer.tables)
            self._writer.tables = []
        finally:
            self._cursor.endEditBlock()
        return self.complete

    def _fit(self, tables: Iterable[QTextTable]) -> None:
        for table in tables if self._width > 0 else ():
            fit_table(self._document, table, self._width)

    def _restart(self, formats: Formats) -> None:
        self._document.clear()
        self._document.setDefaultFont(formats.font)
        self._document.setIndentWidth(26)
        self._document.documentLayout().registerHandler(FORMULA_OBJECT, self._formula_object)
        self._cursor = QTextCursor(self._document)
        self._writer = BlockWriter(self._cursor, formats, literal=self._literal)
        self._written = []

    def _first_difference(self) -> int:
        """Index of the first block that is not written as it should be."""
        count = min(len(self._written), len(self._blocks))
        # Blocks before the last two were compared when text grew; other text shares few of them.
        for index in range(count):
            if self._written[index].block is not self._blocks[index]:
                if self._written[index].block == self._blocks[index]:
                    continue
                return index
        return count

    def _extend_code(self, index: int) -> bool:
        """Append to a code block that is still open, instead of writing it again."""
        if index != len(self._written) - 1 or index >= len(self._blocks):
            return False
        old, new = self._written[index].block, self._blocks[index]
        if (
            new.kind is not BlockKind.CODE
            or old.kind is not BlockKind.CODE
            or new.closed
            or old.info != new.info
            or (old.start, old.part) != (new.start, new.part)
            or not new.source.startswith(old.source)
        ):
            return False
        self._writer.append_code(new.source[len(old.source) :])
        written = self._written[index]
        self._written[index] = replace(written, block=new)
        return True

    def _cut(self, index: int) -> None:
        """Take blocks from `index` on out of the document."""
        if index >= len(self._written):
            return
        first = self._written[index]
        self._cursor.setPosition(first.position)
        self._cursor.movePosition(QTextCursor.MoveOperation.End, QTextCursor.MoveMode.KeepAnchor)
        self._cursor.removeSelectedText()
        self._cursor.setBlockFormat(first.before)
        self._writer.fresh = first.fresh
        self._writer.kind = first.kind_before
        starts = self._writer.code_starts
        # The block at `position` stays unless it was waiting to be used.
        while starts and starts[-1] > first.position - first.fresh:
            starts.pop()
        del self._written[index:]

    def _write(self, block: Block) -> None:
        position = self._cursor.position()
        written = _Written(
            block,
            position,
            self._writer.fresh,
            QTextBlockFormat(self._cursor.blockFormat()),
            self._writer.kind,
        )
        self._writer.write(block)
        self._written.append(written)
