"""Writes one Markdown block at the end of a Qt document, token by token.

It builds formats and text, never HTML, so nothing in a model's answer can become markup, load a
resource or run.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from markdown_it.token import Token
from PySide6.QtCore import Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextFrameFormat,
    QTextLength,
    QTextListFormat,
    QTextTable,
    QTextTableCellFormat,
    QTextTableFormat,
)

from desktop_app.rich_text.addresses import is_allowed
from desktop_app.rich_text.blocks import Block, BlockKind
from desktop_app.rich_text.code_colours import code_colours
from desktop_app.rich_text.formats import (
    BULLET,
    CODE_LANGUAGE,
    LIST_INDENT,
    PARAGRAPH_SPACING,
    QUOTE_INDENT,
    RULE,
    Formats,
)
from desktop_app.rich_text.formula_object import OBJECT_CHARACTER, formula_format
from desktop_app.rich_text.highlighting import CodeRole, highlight
from desktop_app.rich_text.markdown import parse

TIGHT_SPACING = 4
"""Space in pixels below a line of a list without empty lines."""
MAX_TABLE_CELLS = 2_000
"""A larger table is written as its source: Qt lays a table out as a whole at every change."""


@dataclass(slots=True)
class _List:
    """An open list: the number its next item carries, or None with bullets."""

    next_number: int | None


class BlockWriter:
    """Appends blocks to a document.

    Attributes:
        fresh: Whether the document's last block is empty and waits to be used. True at the start
            and after a table.
        tables: Tables that were written and not yet given their columns' widths.
        code_starts: Positions of the first lines of all code blocks.
        kind: Kind of the block written last.

    Args:
        cursor: A cursor of the document; it stays at the document's end.
        formats: Fonts and colours.
        literal: Whether only formulas and code blocks are special, as in a question.
    """

    def __init__(self, cursor: QTextCursor, formats: Formats, *, literal: bool = False) -> None:
        self._literal = literal
        self.fresh = True
        self.tables: list[QTextTable] = []
        self.code_starts: list[int] = []
        self._cursor = cursor
        self._formats = formats
        self._quotes = 0
        self._lists: list[_List] = []
        self._item_open = False
        self._spacing = PARAGRAPH_SPACING
        self.kind: BlockKind | None = None
        self._after_list = False

    def write(self, block: Block) -> None:
        """Append a block."""
        self._quotes, self._lists, self._item_open = 0, [], False
        self._spacing = PARAGRAPH_SPACING
        self._after_list = self.kind is BlockKind.ITEM and not block.follows_item
        self.kind = block.kind
        if block.kind is BlockKind.CODE:
            self._write_code_part(block)
        elif block.kind is BlockKind.MATH:
            self._write_display_formula(block)
        else:
            self._write_tokens(parse(block.source, literal=self._literal), block)

    def append_code(self, addition: str) -> None:
        """Append plain text to the code block that was written last."""
        line = QTextBlockFormat(self._cursor.blockFormat())
        line.setTopMargin(0)
        line.clearProperty(CODE_LANGUAGE)
        lines = addition.split("\n")
        for index, text in enumerate(lines):
            if index:
                self._cursor.insertBlock(line, self._formats.code)
            self._cursor.insertText(text, self._formats.code)

    # --- blocks ---------------------------------------------------------------------------------

    def _begin(self, block: QTextBlockFormat, characters: QTextCharFormat) -> None:
        """Open an empty block at the end."""
        if self._after_list:
            self._after_list = False
            block.setTopMargin(max(block.topMargin(), PARAGRAPH_SPACING))
        if self.fresh:
            self._cursor.setBlockFormat(block)
            self._cursor.setBlockCharFormat(characters)
            self._cursor.setCharFormat(characters)
            self.fresh = False
        else:
            before = self._cursor.currentList()
            self._cursor.insertBlock(block, characters)
            if before is not None:
                inherited = self._cursor.currentList()
                if inherited is not None:
                    inherited.remove(self._cursor.block())
                    self._cursor.setBlockFormat(block)

    def _begin_paragraph(self) -> None:
        """Open a paragraph, as the list item it belongs to if that has not begun yet."""
        formats, depth = self._formats, len(self._lists)
        if not self._item_open:
            block = formats.paragraph(quotes=self._quotes, indent=depth, spacing=self._spacing)
            self._begin(block, formats.text)
            return
        self._item_open = False
        open_list = self._lists[-1]
        block = formats.paragraph(quotes=self._quotes, spacing=self._spacing)
        if open_list.next_number is None:
            block.setProperty(BULLET, depth)
        self._begin(block, formats.text)
        style = QTextListFormat()
        style.setIndent(depth)
        if open_list.next_number is None:
            style.setStyle(QTextListFormat.Style.ListStyleUndefined)  # the view draws bullets
        else:
            style.setStyle(QTextListFormat.Style.ListDecimal)
            style.setStart(open_list.next_number)
            open_list.next_number += 1
        self._cursor.createList(style)

    def _write_tokens(self, tokens: Sequence[Token], source: Block) -> None:
        index = 0
        while index < len(tokens):
            token = tokens[index]
            if token.type == "table_open":
                index = self._write_table(tokens, index, source.source)
            elif token.type == "heading_open":
                index += 1
                self._write_heading(int(token.tag[1]), tokens[index].children or [])
            elif token.nesting:
                self._enter_or_leave(token, source)
            else:
                self._write_content(token)
            index += 1

    def _write_content(self, token: Token) -> None:
        """Write a block that stands for itself."""
        match token.type:
            case "inline":
                self._begin_paragraph()
                self._write_inline(token.children or [], self._formats.text)
                self._spacing = PARAGRAPH_SPACING
            case "fence" | "code_block":
                language = token.info.split()[0] if token.info.split() else ""
                self._write_code(token.content.removesuffix("\n"), language)
            case "hr":
                self._begin_paragraph()
                self._cursor.mergeBlockFormat(_rule_format())
            case _:
                pass

    def _enter_or_leave(self, token: Token, source: Block) -> None:
        """Follow the nesting of quotes, lists and items."""
        match token.type:
            case "paragraph_open" if token.hidden:
                self._spacing = TIGHT_SPACING
            case "blockquote_open" | "blockquote_close":
                self._quotes += token.nesting
            case "bullet_list_open":
                self._lists.append(_List(None))
            case "ordered_list_open":
                start = int(token.attrGet("start") or 1)
                if not self._lists and source.ordinal is not None:
                    start = source.ordinal
                self._lists.append(_List(start))
            case "bullet_list_close" | "ordered_list_close":
                self._lists.pop()
            case "list_item_open":
                self._item_open = True
            case "list_item_close" if self._item_open:  # an item without content
                self._begin_paragraph()
            case _:
                pass

    def _write_heading(self, level: int, children: Sequence[Token]) -> None:
        block, characters = self._formats.heading(level)
        block.setLeftMargin(self._quotes * QUOTE_INDENT + len(self._lists) * LIST_INDENT)
        self._begin(block, characters)
        self._write_inline(children, characters)

    def _write_code(self, code: str, language: str) -> None:
        if self._item_open:
            self._begin_paragraph()
        self._write_code_part(Block(BlockKind.CODE, 0, code, language))

    def _write_code_part(self, part: Block) -> None:
        """Write a code block or one part of it, coloured once nothing can be added to it."""
        language = part.info
        formats = self._formats
        left = self._quotes * QUOTE_INDENT + len(self._lists) * LIST_INDENT
        group = len(self.code_starts) + (part.part == 0)
        first = formats.code_line(group, first=part.part == 0, left=left)
        line = formats.code_line(group, first=False, left=left)
        if part.part == 0:
            first.setProperty(CODE_LANGUAGE, language[:40])
        self._begin(first, formats.code)
        if part.part == 0:
            self.code_starts.append(self._cursor.block().position())
        colours = code_colours(formats)
        code = part.source
        pieces = highlight(code, language) if part.closed else ((CodeRole.PLAIN, code),)
        for role, piece in pieces:
            for index, text in enumerate(piece.split("\n")):
                if index:
                    self._cursor.insertBlock(line, formats.code)
                if text:
                    self._cursor.insertText(text, colours[role])
        if part.closed and part.last_part:
            last = QTextBlockFormat(self._cursor.blockFormat())
            last.setBottomMargin(PARAGRAPH_SPACING + 14)
            self._cursor.setBlockFormat(last)

    def _write_display_formula(self, block: Block) -> None:
        self._begin_paragraph()
        if block.closed:
            self._insert_formula(block.source, "$$", self._formats.text)
        else:
            self._cursor.insertText(block.source, self._formats.inline_code)

    def _write_table(self, tokens: Sequence[Token], start: int, source: str) -> int:
        """Write the table that opens at `start`; return the index of its closing token."""
        end = next(i for i in range(start, len(tokens)) if tokens[i].type == "table_close")
        rows: list[list[Token]] = []
        for token in tokens[start:end]:
            if token.type == "tr_open":
                rows.append([])
            elif token.type == "inline":
                rows[-1].append(token)
        columns = len(rows[0])
        if columns * len(rows) > MAX_TABLE_CELLS or self._item_open:
            self._write_code(source, "")
            return end
        alignments = [
            str(token.attrGet("style") or "") for token in tokens[start:end] if token.tag == "th"
        ][::2]
        right_to_left = _runs_right_to_left(" ".join(token.content for token in rows[0]))
        table = self._insert_table(len(rows), columns, right_to_left=right_to_left)
        self.tables.append(table)
        for row, cells in enumerate(rows):
            for column, cell in enumerate(cells[:columns]):
                place = columns - 1 - column if right_to_left else column  # Qt turns no table round
                self._write_cell(table, row, place, cell, alignments[column])
        self._cursor.movePosition(QTextCursor.MoveOperation.End)
        self.fresh = True
        return end

    def _insert_table(self, rows: int, columns: int, *, right_to_left: bool) -> QTextTable:
        layout = QTextTableFormat()
        if right_to_left:
            layout.setAlignment(Qt.AlignmentFlag.AlignRight)
        layout.setBorder(1)
        layout.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
        layout.setBorderBrush(QBrush(QColor(self._formats.theme.hairline)))
        layout.setBorderCollapse(True)
        layout.setCellPadding(0)
        layout.setCellSpacing(0)
        layout.setTopMargin(2)
        layout.setBottomMargin(PARAGRAPH_SPACING + 2)
        layout.setLeftMargin(self._quotes * QUOTE_INDENT + len(self._lists) * LIST_INDENT)
        layout.setHeaderRowCount(1)
        layout.setColumnWidthConstraints(
            [QTextLength(QTextLength.Type.VariableLength, 0)] * columns
        )
        if self.fresh:
            self._cursor.setBlockFormat(QTextBlockFormat())
        return self._cursor.insertTable(rows, columns, layout)

    def _write_cell(
        self, table: QTextTable, row: int, column: int, content: Token, alignment: str
    ) -> None:
        cell = table.cellAt(row, column)
        characters = QTextCharFormat(self._formats.text)
        padded = QTextTableCellFormat()
        padded.setTopPadding(6)
        padded.setBottomPadding(6)
        padded.setLeftPadding(10)
        padded.setRightPadding(10)
        if row == 0:
            characters.setFontWeight(QFont.Weight.DemiBold)
            padded.setBackground(QColor(self._formats.inline_background))
        cell.setFormat(padded)
        keep, self._cursor = self._cursor, cell.firstCursorPosition()
        block = QTextBlockFormat()
        if "right" in alignment:
            block.setAlignment(Qt.AlignmentFlag.AlignRight)
        elif "center" in alignment:
            block.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._cursor.setBlockFormat(block)
        self._write_inline(content.children or [], characters)
        self._cursor = keep

    # --- inline content -------------------------------------------------------------------------

    def _write_inline(self, children: Sequence[Token], base: QTextCharFormat) -> None:
        stack = [base]
        addresses: list[str] = []
        displayed = False
        for token in children:
            if displayed and token.type != "softbreak":
                self._cursor.insertText("\u2028", base)
            content = token.content.lstrip() if displayed else token.content
            displayed = token.type == "math_display"
            if token.type == "link_open":
                addresses.append(str(token.attrGet("href") or ""))
                stack.append(self._link(stack[-1], addresses[-1]))
            elif token.nesting > 0:
                stack.append(_emphasised(stack[-1], token.type))
            elif token.nesting < 0:
                stack.pop()
                if token.type == "link_close" and not is_allowed(address := addresses.pop()):
                    self._cursor.insertText(f" ({address})", self._formats.muted)
            else:
                self._insert(token, content, stack[-1])

    def _insert(self, token: Token, content: str, characters: QTextCharFormat) -> None:
        """Insert a piece of a line."""
        match token.type:
            case "softbreak" | "hardbreak":
                # Models write a step a line and mean it, as every chat window shows it.
                self._cursor.insertText("\u2028", characters)
            case "code_inline":
                self._insert_inline_code(content, characters)
            case "math_inline" | "math_display":
                self._insert_formula(content, token.markup, characters)
            case "image":
                self._insert_image_text(token, characters)
            case _:
                self._cursor.insertText(content, characters)

    def _insert_inline_code(self, code: str, base: QTextCharFormat) -> None:
        characters = QTextCharFormat(self._formats.inline_code)
        if base.isAnchor():
            characters.setAnchor(True)
            characters.setAnchorHref(base.anchorHref())
            characters.setForeground(base.foreground())
        self._cursor.insertText(code, characters)

    def _insert_formula(self, latex: str, markup: str, base: QTextCharFormat) -> None:
        display = markup in {"$$", "\\["}
        size = float(base.font().pixelSize()) if base.font().pixelSize() > 0 else 0.0
        size = max(size, self._formats.pixel_size) * (1.15 if display else 1.08)
        characters = formula_format(latex, self._formats, size, display=display)
        if characters is None:
            self._cursor.insertText(latex, self._formats.inline_code)
            return
        if display and self._cursor.block().length() > 1:
            self._cursor.insertText("\u2028", base)
        self._cursor.insertText(OBJECT_CHARACTER, characters)

    def _insert_image_text(self, image: Token, base: QTextCharFormat) -> None:
        """Show an image as its text and address; it is never loaded."""
        address = str(image.attrGet("src") or "")
        text = image.content or address
        self._cursor.insertText(text, self._link(base, address))
        if text != address:
            self._cursor.insertText(f" ({address[:200]})", self._formats.muted)

    def _link(self, base: QTextCharFormat, address: str) -> QTextCharFormat:
        characters = QTextCharFormat(base)
        if is_allowed(address):
            characters.setAnchor(True)
            characters.setAnchorHref(address)
            characters.setForeground(QColor(self._formats.theme.accent))
            characters.setFontUnderline(True)
        return characters


def _emphasised(base: QTextCharFormat, kind: str) -> QTextCharFormat:
    characters = QTextCharFormat(base)
    if kind == "strong_open":
        characters.setFontWeight(QFont.Weight.DemiBold)
    elif kind == "em_open":
        characters.setFontItalic(True)
    else:
        characters.setFontStrikeOut(True)
    return characters


def _rule_format() -> QTextBlockFormat:
    block = QTextBlockFormat()
    block.setProperty(RULE, True)
    block.setTopMargin(PARAGRAPH_SPACING)
    return block


def _runs_right_to_left(text: str) -> bool:
    """By its first letter that has a direction (Unicode Standard Annex 9, rules P2 and P3)."""
    strong = (unicodedata.bidirectional(letter) for letter in text)
    return next((found in {"R", "AL"} for found in strong if found in {"L", "R", "AL"}), False)
