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
    Row,
    age_text,
    arranged,
    grouped,
    thinking_text,
)
from engine.journal.records import ConversationSummary, FolderSummary

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC).astimezone()


def summary(
    name: str, days: float = 0, strategy: str = "", attempts: int = 0, *, pinned: bool = False
) -> ConversationSummary:
    return ConversationSummary(
        name, f"title {name}", NOW - timedelta(days=days), 2,
        last_strategy=strategy, last_attempts=attempts, pinned=pinned,
    )  # fmt: skip


def word(row: Row) -> str:
    """What stands in a row, in short."""
    match row:
        case Heading():
            return row.text
        case FolderSummary():
            return f"[{row.name}]"
        case ConversationSummary():
            return row.conversation_id


WORK, ART = FolderSummary("w", "Work", 2), FolderSummary("x", "art", 0, collapsed=True)


def inside(name: str, folder: FolderSummary, *, pinned: bool = False) -> ConversationSummary:
    return msgspec.structs.replace(
        summary(name, pinned=pinned), folder_id=folder.folder_id, folder=folder.name
    )


def test_folders_stand_below_what_is_pinned_and_above_the_days() -> None:
    listed = [inside("p", WORK, pinned=True), inside("a", WORK), inside("b", WORK), summary("c")]
    rows = arranged(listed, [ART, WORK], NOW.date())
    assert list(map(word, rows)) == ["Pinned", "p", "[art]", "[Work]", "a", "b", "Today", "c"]
    flat = arranged(listed, [], NOW.date())
    assert list(map(word, flat)) == ["Pinned", "p", "Today", "a", "b", "c"]


def test_a_row_outside_of_its_folder_names_it() -> None:
    rows = ConversationRows(200)
    pinned, within = inside("p", WORK, pinned=True), inside("a", WORK)
    rows.set_conversations([pinned, within], NOW.date(), [WORK])
    assert rows.about(pinned, NOW) == "Work · no answer yet · just now"
    assert rows.about(within, NOW) == "no answer yet · just now"
    rows.set_conversations([pinned, within], NOW.date())
    found = msgspec.structs.replace(within, snippet="the words")
    assert rows.about(found, NOW) == "Work · the words"


def test_a_folder_waits_for_those_before_it_page_by_page() -> None:
    rows = ConversationRows(page_size=2)
    tester = QAbstractItemModelTester(rows)
    pages = [
        [summary("p", pinned=True), summary("q", pinned=True)],
        [inside("a", ART), inside("b", WORK)],
        [inside("c", WORK)],
    ]
    rows.set_conversations(pages[0], NOW.date(), [ART, WORK])
    seen = [rows.rowCount()]
    for page in pages[1:]:
        rows.add_conversations(page, NOW.date())
        seen.append(rows.rowCount())
    assert seen == [3, 7, 8]
    assert tester


@pytest.mark.parametrize(
    ("row", "target"),
    [(0, None), (1, None), (2, "w"), (3, "w"), (4, ""), (5, ""), (9, "")],
)
def test_what_is_dropped_goes_where_it_is_dropped(row: int, target: str | None) -> None:
    rows = ConversationRows(200)
    listed = [summary("p", pinned=True), inside("a", WORK), summary("c")]
    rows.set_conversations(listed, NOW.date(), [WORK])
    assert rows.target_at(rows.index(row)) == target
    rows.set_conversations(listed, NOW.date())
    assert rows.target_at(rows.index(row)) is None


def test_a_folder_is_renamed_and_never_chosen() -> None:
    rows = ConversationRows(200)
    rows.set_conversations([], NOW.date(), [WORK])
    asked: list[tuple[str, str]] = []
    rows.folder_rename_requested.connect(lambda name, new: asked.append((name, new)))
    index = rows.index_of_folder("w")
    assert rows.setData(index, " Play ")
    rows.setData(index, "Work")
    assert asked == [("w", "Play")]
    assert not rows.flags(index) & Qt.ItemFlag.ItemIsSelectable
    role = Qt.ItemDataRole.AccessibleTextRole
    assert rows.data(index, role) == "Work, folder, 2 conversations, open"


def test_conversations_are_grouped_by_age() -> None:
    rows = grouped(
        [
            summary("p", 9, pinned=True), summary("q", 50, pinned=True),
            summary("a"), summary("b", 1), summary("c", 3), summary("d", 5), summary("e", 40),
        ],
        NOW.date(),
    )  # fmt: skip
    words = [word(row) for row in rows]
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
