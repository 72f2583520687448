"""Chains of attempts: which lines and words changed, and what stays in place while they grow."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.look.theme import apply_theme
from desktop_app.thinking.live import DeliberationView
from desktop_app.thinking.revision_chain import RevisionChain, line_text, spoken
from desktop_app.thinking.revision_lines import (
    LineKind,
    built_lines,
    chain_lines,
    changed_words,
    changes,
)
from engine.budget import Budget
from engine.candidate import Candidate, StopReason
from engine.options import StrategyChoice
from engine.protocol import CandidateFinished
from tests.desktop_app.thinking.deliberations import NAME, candidate


def attempt(index: int, answer: str, response: str, *earlier: int) -> Candidate:
    made = candidate(index, answer, response=response)
    return msgspec.structs.replace(made, earlier=earlier, round=len(earlier))


def revising(*attempts: Candidate, strategy: str = "revise") -> DeliberationView:
    view = DeliberationView(NAME, strategy, Budget(2, 4))
    for one in attempts:
        view.apply(CandidateFinished(NAME, one))
    return view


TWO_CHAINS = (
    attempt(0, "5", "2 + 2 = 5\nso 5"),
    attempt(1, "4", "It is 4."),
    attempt(2, "4", "2 + 2 = 4\nso 4", 0),
    attempt(3, "4", "It is 4.", 1),
)


def test_a_chain_says_answers_in_order_and_what_changed() -> None:
    said = [spoken(line) for line in chain_lines(revising(*TWO_CHAINS))]
    assert said == [
        "chain: 5 → 4",
        "#1  5",
        "#3  4",
        "removed: 2 + 2 = 5",
        "added: 2 + 2 = 4",
        "removed: so 5",
        "added: so 4",
        "chain: 4 → 4",
        "#2  4",
        "#4  4",
        "nothing changed",
    ]


def test_an_attempt_that_was_not_needed_has_neither_answered_nor_taken_back() -> None:
    stopped = msgspec.structs.replace(
        attempt(4, "", "", 0, 2), answer=None, stop=StopReason.NOT_NEEDED
    )
    assert chain_lines(revising(*TWO_CHAINS, stopped)) == chain_lines(revising(*TWO_CHAINS))
    alone = msgspec.structs.replace(stopped, index=2, earlier=(0,))
    assert chain_lines(revising(*TWO_CHAINS[:2], alone)) == []


def test_only_the_words_that_changed_are_marked() -> None:
    before, after = "it takes 2 hours", "it takes 25 long hours"
    gone, come = changed_words(before, after)
    assert [before[start:end] for start, end in gone] == ["2"]
    assert [after[start:end] for start, end in come] == ["25 long"]
    assert changed_words("nothing in common", "42!") == ((), ())
    assert changed_words("a " * 1000, "b " * 1000) == ((), ())


def test_many_changes_are_counted_not_listed() -> None:
    before = "\n".join(f"line {number}" for number in range(9))
    lines = changes(before, attempt(1, "4", "all of it is new"))
    assert lines[-1].kind is LineKind.SAME
    assert spoken(lines[-1]) == "2 more changed lines"


def test_auto_that_revises_shows_chains_too() -> None:
    view = revising(*TWO_CHAINS, strategy="auto")
    assert built_lines(view) == []
    view.choice = StrategyChoice("revise", 8, 2, 4)
    assert built_lines(view) == chain_lines(view)


def test_a_growing_chain_leaves_the_reader_where_he_is(qtbot: QtBot, qapp: QApplication) -> None:
    apply_theme(qapp)
    parent = QWidget()
    qtbot.addWidget(parent)
    chain = RevisionChain(parent)
    view = revising(*TWO_CHAINS)
    chain.show_view(view)
    row = next(n for n, line in enumerate(chain.lines) if line_text(line) == "#2  4")
    chain.setCurrentIndex(chain.model().index(row, 0))
    view.apply(CandidateFinished(NAME, attempt(4, "6", "2 + 2 = 6\nso 6", 0, 2)))
    chain.show_view(view)
    assert chain.currentIndex().row() > row
    assert line_text(chain.lines[chain.currentIndex().row()]) == "#2  4"
    assert chain.lines == chain_lines(view)
    opened: list[int] = []
    chain.candidate_opened.connect(opened.append)
    chain.activated.emit(chain.currentIndex())
    assert opened == [1]
    parent.grab()


def test_a_tooltip_shows_markup_as_it_was_written(qtbot: QtBot, qapp: QApplication) -> None:
    apply_theme(qapp)
    parent = QWidget()
    qtbot.addWidget(parent)
    chain = RevisionChain(parent)
    picture = '<img src="file:///picture.png">'
    chain.show_view(revising(attempt(0, "5", "so 5"), attempt(1, "4", picture, 0)))
    model = chain.model()
    rows = [model.index(row, 0) for row in range(model.rowCount())]
    (row,) = (row for row in rows if picture in str(row.data()))
    tip = str(row.data(Qt.ItemDataRole.ToolTipRole))
    assert "<img" not in tip
    assert "&lt;img" in tip


def test_attempts_that_repeat_themselves_are_compared_in_part() -> None:
    """A whole comparison of these would take minutes; what is not compared counts as more."""
    before = "Wait.\nLet me check.\n" * 4000
    after = "Wait.\nLet me check.\nHm.\n" * 4000
    lines = changes(before, attempt(1, "4", after))
    assert len(lines) < 20
    assert 3900 < lines[-1].more <= 4000
    many = "\n".join(f"line {number}" for number in range(130))
    framed = changes(many, attempt(1, "4", f"first\n{many}\nlast"))
    assert [line.text for line in framed if line.kind is LineKind.REMOVED] == []
    assert [line.text for line in framed if line.kind is LineKind.ADDED] == ["first"]
    assert framed[-1].more == 1
    same = "A line that stays.\n" * 5000
    (gone, come) = changes(f"{same}four\n{same}", attempt(1, "5", f"{same}five\n{same}"))
    assert (gone.text, come.text) == ("four", "five")
