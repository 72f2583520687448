"""Turns a part of a document into plain text as a person would write it down.

Qt's own conversion loses list marks and formulas.
"""

from __future__ import annotations

from PySide6.QtGui import QTextBlock, QTextCursor, QTextDocument, QTextListFormat, QTextTable

from desktop_app.rich_text.formats import CODE_GROUP, FORMULA_SOURCE
from desktop_app.rich_text.formula_object import OBJECT_CHARACTER


def plain_text(document: QTextDocument, start: int, end: int) -> str:
    """The text between two positions, with list marks, LaTeX and one empty line between blocks."""
    lines: list[str] = []
    block = document.findBlock(start)
    before: QTextBlock | None = None
    while block.isValid() and block.position() < end:
        text = _block_text(block, start, end)
        if before is not None:
            if _same_row(before, block):
                lines[-1] += f"\t{text}"
                before, block = block, block.next()
                continue
            if not _close(before, block):
                lines.append("")
        lines.append(text)
        before, block = block, block.next()
    return "\n".join(lines).replace("\u2028", "\n").strip("\n")


def _block_text(block: QTextBlock, start: int, end: int) -> str:
    parts: list[str] = []
    fragments = block.begin()
    while not fragments.atEnd():
        fragment = fragments.fragment()
        first = max(start - fragment.position(), 0)
        text = _part(fragment.text(), first, max(end - fragment.position(), 0))
        source = fragment.charFormat().stringProperty(FORMULA_SOURCE)
        if source:
            text = text.replace(OBJECT_CHARACTER, source)
        parts.append(text)
        fragments += 1
    text = "".join(parts)
    text_list = block.textList()
    if text_list is None or block.position() < start:
        return text
    indent = "  " * (text_list.format().indent() - 1)
    if text_list.format().style() is QTextListFormat.Style.ListDecimal:
        return f"{indent}{text_list.itemText(block)} {text}"
    return f"{indent}- {text}"


def _part(text: str, start: int, end: int) -> str:
    """A part of a text by Qt's positions, which count two for what is beyond 16 bits."""
    units = text.encode("utf-16-le", "surrogatepass")
    return units[2 * start : 2 * end].decode("utf-16-le", "ignore")


def _table(block: QTextBlock) -> QTextTable | None:
    frame = QTextCursor(block).currentTable()
    return frame if isinstance(frame, QTextTable) else None


def _same_row(one: QTextBlock, other: QTextBlock) -> bool:
    table = _table(other)
    if table is None or _table(one) != table:
        return False
    return table.cellAt(one.position()).row() == table.cellAt(other.position()).row()


def _close(one: QTextBlock, other: QTextBlock) -> bool:
    """Whether no empty line belongs between two blocks."""
    group = one.blockFormat().intProperty(CODE_GROUP)
    if group and group == other.blockFormat().intProperty(CODE_GROUP):
        return True
    if one.textList() is not None and other.textList() is not None:
        return True
    return (
        QTextCursor(one).currentTable() is not None
        and QTextCursor(other).currentTable() is not None
    )
