"""Columns of a table: words stay whole, and what is too wide is scrolled."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextTable
from pytestqt.qtbot import QtBot

from desktop_app.rich_text.view import RichTextView

HEAD = ("Language", "Memory management", "Concurrency model", "Best known for")
ROWS = (
    ("Python", "reference counting with cycle collector", "threads, `asyncio`", "scripting"),
    ("Rust", "ownership and **borrowing**", "threads, async runtimes", "systems programming"),
)
ADDRESS = "https://example.org/" + "a" * 300


def markdown(head: tuple[str, ...] = HEAD, rows: tuple[tuple[str, ...], ...] = ROWS) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


@pytest.fixture
def view(qtbot: QtBot) -> RichTextView:
    view = RichTextView()
    qtbot.addWidget(view)
    return view


def table_of(view: RichTextView) -> QTextTable:
    (frame,) = view.document().rootFrame().childFrames()
    assert isinstance(frame, QTextTable)
    return frame


def broken_words(view: RichTextView) -> Iterator[str]:
    """Every word that a line of the table ends in."""
    table = table_of(view)
    for row in range(table.rows()):
        for column in range(table.columns()):
            block = table.cellAt(row, column).firstCursorPosition().block()
            layout, text = block.layout(), block.text()
            for number in range(layout.lineCount() - 1):
                line = layout.lineAt(number)
                end = line.textStart() + line.textLength()
                if text[end - 1].isalnum() and text[end].isalnum():
                    yield text


@pytest.mark.parametrize(
    ("head", "first_at"),
    [
        (("اللغة", "الذاكرة"), 1),
        (("12", "שפה"), 1),
        (("Language", "שפה"), 0),
        (("1", "2"), 0),
    ],
)
def test_a_table_runs_as_its_head_does(
    view: RichTextView, head: tuple[str, ...], first_at: int
) -> None:
    view.set_markdown(markdown(head, (("a", "b"),)))
    view.set_width(400)
    table = table_of(view)
    for row, text in enumerate((head[0], "a")):
        cell = table.cellAt(row, first_at)
        assert cell.firstCursorPosition().block().text() == text


@pytest.mark.parametrize("width", [160, 300, 420, 500, 700])
def test_no_word_is_broken_at_any_width(view: RichTextView, width: int) -> None:
    view.set_markdown(markdown())
    view.set_width(width)
    assert list(broken_words(view)) == []


def test_what_is_too_wide_is_scrolled_and_what_fits_is_not(view: RichTextView) -> None:
    policy = Qt.ScrollBarPolicy
    view.set_markdown(markdown())
    view.set_width(300)
    assert view.document().size().width() > 300
    assert view.horizontalScrollBarPolicy() is policy.ScrollBarAlwaysOn
    view.set_width(560)
    assert view.document().size().width() <= 560
    assert view.horizontalScrollBarPolicy() is policy.ScrollBarAlwaysOff
    heights = view.height()
    view.set_width(2000)
    assert view.height() < heights, "in enough room every row is one line"
    natural = view.document().rootFrame().childFrames()[0]
    assert view.document().documentLayout().frameBoundingRect(natural).width() < 1200


def test_a_growing_table_keeps_its_words(view: RichTextView) -> None:
    view.set_width(420)
    text = markdown()
    for end in range(0, len(text), 7):
        view.set_markdown(text[:end])
    view.set_markdown(text)
    assert list(broken_words(view)) == []


def test_a_word_without_end_is_broken(view: RichTextView) -> None:
    view.set_markdown(markdown(("a", "b"), ((f"`{ADDRESS}`", "c"),)))
    view.set_width(420)
    assert view.document().size().width() < 1000


def test_a_script_without_spaces_is_broken_between_its_signs(view: RichTextView) -> None:
    head, row = (
        ("语言", "内存管理", "并发模型"),
        ("🐍" * 3, "引用计数与循环回收" * 4, "线程与协程" * 4),
    )
    view.set_markdown(markdown(head, (row,)))
    view.set_width(360)
    assert view.document().size().width() <= 360


def test_a_formula_has_room(view: RichTextView) -> None:
    view.set_markdown(markdown(("a", "b"), ((r"$x^2+y^2+z^2=r^2$", "c " * 80),)))
    view.set_width(300)
    layout = table_of(view).cellAt(1, 0).firstCursorPosition().block().layout()
    assert layout.lineCount() == 1
