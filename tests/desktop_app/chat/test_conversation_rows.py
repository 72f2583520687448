"""The rows of the conversation list: groups, wording, paging, renaming."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from desktop_app.chat.conversation_rows import (
    ConversationRows,
    Heading,
    age_text,
    grouped,
    thinking_text,
)
from engine.journal.records import ConversationSummary

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC).astimezone()


def summary(
    name: str, days: float = 0, strategy: str = "", attempts: int = 0, *, pinned: bool = False
) -> ConversationSummary:
    return ConversationSummary(
        name, f"title {name}", NOW - timedelta(days=days), 2,
        last_strategy=strategy, last_attempts=attempts, pinned=pinned,
    )  # fmt: skip


def test_conversations_are_grouped_by_age() -> None:
    rows = grouped(
        [
            summary("p", 9, pinned=True), summary("q", 50, pinned=True),
            summary("a"), summary("b", 1), summary("c", 3), summary("d", 5), summary("e", 40),
        ],
        NOW.date(),
    )  # fmt: skip
    words = [row.text if isinstance(row, Heading) else row.conversation_id for row in rows]
    pinned, rest = words[:3], words[3:]
    assert pinned == ["Pinned", "p", "q"]
    assert rest == ["Today", "a", "Yesterday", "b", "This week", "c", "d", "Older", "e"]


@pytest.mark.parametrize(
    ("minutes", "text"),
    [(0, "just now"), (5, "5 min ago"), (180, "3 h ago"), (60 * 24 * 3, "20 Nov")],
)
def test_ages_are_in_the_largest_unit(minutes: int, text: str) -> None:
    assert age_text(NOW - timedelta(minutes=minutes), NOW) == text


def test_a_row_says_what_happens_now_before_what_was() -> None:
    rows = ConversationRows(200)
    tester = QAbstractItemModelTester(rows)
    rows.set_conversations([summary("a", 0, "vote", 4), summary("b", 0, "vote", 4)], NOW.date())
    changed: list[bool] = []
    rows.under_way_changed.connect(lambda: changed.append(True))
    rows.set_under_way("a", frozenset({"b"}))
    rows.set_under_way("a", frozenset({"b"}))
    told = [rows.about(one, NOW) for one in rows.conversations]
    assert (told, changed) == (["thinking…", "waiting…"], [True])
    role = Qt.ItemDataRole.AccessibleTextRole
    assert rows.data(rows.index_of("a"), role) == "title a, thinking…"
    rows.set_under_way("", frozenset())
    assert rows.about(rows.conversations[0], NOW) == "4 candidates · just now"
    del tester


def test_a_row_says_that_the_last_answer_failed() -> None:
    failed = msgspec.structs.replace(summary("a", 0, "vote", 2), last_failed=True)
    assert thinking_text(failed) == "failed"


@pytest.mark.parametrize(
    ("strategy", "attempts", "text"),
    [
        ("", 0, "no answer yet"),
        ("vote", 0, "unfinished"),
        ("vote", 1, "instant"),
        ("vote", 16, "16 candidates"),
        ("revise", 4, "revised, 4 attempts"),
    ],
)
def test_a_row_says_how_it_was_thought_about(strategy: str, attempts: int, text: str) -> None:
    assert thinking_text(summary("a", 0, strategy, attempts)) == text


@pytest.fixture
def rows() -> ConversationRows:
    rows = ConversationRows(page_size=3)
    rows.set_conversations([summary("a"), summary("b"), summary("c", 2)], NOW.date())
    return rows


def test_headings_can_be_seen_but_not_chosen(rows: ConversationRows) -> None:
    tester = QAbstractItemModelTester(rows)
    assert tester
    assert rows.flags(rows.index(0)) == Qt.ItemFlag.NoItemFlags
    assert rows.flags(rows.index(1)) & Qt.ItemFlag.ItemIsSelectable


def test_a_full_page_asks_for_the_next_one_once(rows: ConversationRows) -> None:
    wanted: list[int] = []
    rows.more_wanted.connect(wanted.append)
    root = QModelIndex()
    assert rows.canFetchMore(root)
    rows.fetchMore(root)
    rows.fetchMore(root)
    assert wanted == [3]
    rows.add_conversations([summary("c", 2), summary("d", 2)], NOW.date())
    assert [c.conversation_id for c in rows.conversations] == ["a", "b", "c", "d"]
    assert not rows.canFetchMore(root)


def test_editing_asks_for_a_new_title(rows: ConversationRows) -> None:
    asked: list[tuple[str, str]] = []
    rows.rename_requested.connect(lambda name, title: asked.append((name, title)))
    index = rows.index_of("b")
    assert rows.setData(index, "  better ")
    rows.setData(index, "title b")
    rows.setData(index, "   ")
    assert asked == [("b", "better")]


def test_neighbours_end_at_the_ends(rows: ConversationRows) -> None:
    following = rows.neighbour("a", 1)
    assert following is not None
    assert following.conversation_id == "b"
    assert rows.neighbour("a", -1) is None
    assert rows.neighbour("c", 1) is None
    first = rows.neighbour(None, 1)
    assert first is not None
    assert first.conversation_id == "a"
