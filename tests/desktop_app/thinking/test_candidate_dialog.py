"""A candidate that is read in full: what can be chosen in it, and whose text it shows."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot

from desktop_app.look.theme import apply_theme
from desktop_app.rich_text.page import RichTextPage
from desktop_app.thinking.candidate_dialog import CandidateDialog
from desktop_app.thinking.cards import CandidateCards
from desktop_app.thinking.live import DeliberationView, LiveCandidate
from desktop_app.thinking.panel import PANEL_WIDTH, DeliberationPanel
from engine.budget import Budget
from engine.candidate import Candidate
from engine.protocol import (
    CandidateDelta,
    CandidateFinished,
    CandidateStarted,
    Progressed,
    TallyChanged,
    VerdictReached,
)
from engine.tally import tally_votes
from engine.verdict import StoppedWhy, decide
from tests.desktop_app.thinking.deliberations import NAME, candidate, running_view, view_of

ANSWERED = [
    candidate(0, "12", response="Twelve."),
    candidate(1, "12", response="A dozen."),
    candidate(2, "14", response="Fourteen."),
]


@pytest.fixture
def panel(qtbot: QtBot, qapp: QApplication) -> DeliberationPanel:
    apply_theme(qapp)
    panel = DeliberationPanel()
    qtbot.addWidget(panel)
    panel.resize(PANEL_WIDTH, 900)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


def _cards(panel: DeliberationPanel) -> CandidateCards:
    cards = panel.findChild(CandidateCards)
    assert isinstance(cards, CandidateCards)
    return cards


def _open(panel: DeliberationPanel, index: int) -> CandidateDialog:
    _cards(panel).candidate_opened.emit(index)
    dialog = panel.findChild(CandidateDialog)
    assert isinstance(dialog, CandidateDialog)
    return dialog


def _use(dialog: CandidateDialog) -> QPushButton:
    return next(b for b in dialog.findChildren(QPushButton) if b.text() == "Use this answer")


def _can_prefer(dialog: CandidateDialog) -> bool:
    words = ("Prefer this answer", "Preferred")
    return next(b for b in dialog.findChildren(QPushButton) if b.text() in words).isEnabled()


def _texts(dialog: CandidateDialog) -> list[str]:
    """The title, and what the candidate wrote."""
    title = dialog.findChildren(QLabel)[0].text()
    written = [t for t in dialog.findChildren(QPlainTextEdit) if t.isVisibleTo(dialog)]
    pages = [page.view.markdown for page in dialog.findChildren(RichTextPage)]
    return [title, *(text.toPlainText() for text in written), *pages]


def _thinking(done: list[Candidate]) -> DeliberationView:
    """A deliberation in which some have answered and the last still writes."""
    view = view_of(done, attempts=len(done) + 1, ended=False)
    view.apply(CandidateStarted(NAME, len(done), 0, len(done), 0.0))
    return view


def _end(view: DeliberationView, done: list[Candidate]) -> None:
    tally = tally_votes(done)
    view.apply(VerdictReached(NAME, decide(done, tally, StoppedWhy.ANSWERED_NOW, 0), 9.0))


def _another(text: str) -> DeliberationView:
    """What a program asks next."""
    view = DeliberationView("another", "vote", Budget(2), read_only=True)
    view.candidates[2] = LiveCandidate(2, response=text, tokens=5)
    return view


def test_a_finished_response_is_set_like_an_answer(panel: DeliberationPanel) -> None:
    text = "## Plan\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n" + "Many words. " * 400
    panel.show_view(view_of([candidate(0, "12", response=text)]))
    dialog = _open(panel, 0)
    (page,) = dialog.findChildren(RichTextPage)
    page.view.finish()
    assert "##" not in page.view.toPlainText()
    assert "Plan" in page.view.toPlainText()
    assert page.view.width() == page.viewport().width()
    assert page.verticalScrollBar().maximum() > 0
    dialog.resize(400, 300)
    assert page.view.width() == page.viewport().width()


@pytest.mark.parametrize("sign", ["\u00a0", "\r\n", "\u2029"])
def test_text_that_grows_leaves_what_is_read_where_it_is(
    panel: DeliberationPanel, sign: str
) -> None:
    view = _thinking([])
    panel.show_view(view)
    lines = "".join(f"line {number}{sign}{number} of it\n" for number in range(200))
    view.apply(Progressed(NAME, 1.0, (CandidateDelta(0, "", lines, 9, 0.5),)))
    dialog = _open(panel, 0)
    text = dialog.findChildren(QPlainTextEdit)[1]
    text.verticalScrollBar().setValue(100)
    view.apply(Progressed(NAME, 2.0, (CandidateDelta(0, "", "the end", 10, 0.5),)))
    dialog.refresh(view)
    assert text.toPlainText().endswith("the end")
    assert text.verticalScrollBar().value() == 100
    next(b for b in dialog.findChildren(QPushButton) if b.text() == "Copy response").click()
    assert QApplication.clipboard().text() == f"{lines}the end"


def test_an_answer_can_be_used_once_nobody_thinks_any_more(
    panel: DeliberationPanel, qtbot: QtBot
) -> None:
    view = _thinking(ANSWERED)
    panel.show_view(view)
    dialog = _open(panel, 2)
    assert _texts(dialog) == ["Answer: 14", "Fourteen."]
    assert not _use(dialog).isEnabled()
    _end(view, ANSWERED)
    panel.refresh()
    assert _use(dialog).isEnabled()
    with qtbot.waitSignal(panel.promote_requested) as promoted:
        _use(dialog).click()
    assert promoted.args == [2]


def test_a_card_offers_its_answer_once_nobody_thinks_any_more(panel: DeliberationPanel) -> None:
    view = _thinking(ANSWERED)
    panel.show_view(view)
    cards = _cards(panel)

    def offered() -> bool:
        cards.setCurrentIndex(cards.cards.index(2))
        cards.customContextMenuRequested.emit(QPoint(-1, -1))
        menu = cards.findChildren(QMenu)[-1]
        action = next(a for a in menu.actions() if a.text() == "Use this answer")
        enabled = action.isEnabled()
        menu.close()
        return enabled

    assert not offered()
    _end(view, ANSWERED)
    panel.refresh()
    assert offered()


def test_what_is_read_is_not_swapped_for_another_question(panel: DeliberationPanel) -> None:
    panel.show_view(view_of(ANSWERED))
    dialog = _open(panel, 2)
    panel.show_view(_another("Something else entirely"))
    assert _texts(dialog) == ["Answer: 14", "Fourteen."]
    assert not _use(dialog).isEnabled()  # it would be used in what the panel shows now
    assert not _can_prefer(dialog)
    dialog.reject()


def test_nothing_can_be_chosen_while_the_panel_is_empty(panel: DeliberationPanel) -> None:
    view = view_of(ANSWERED)
    panel.show_view(view)
    dialog = _open(panel, 2)
    panel.show_view(None)
    assert _texts(dialog) == ["Answer: 14", "Fourteen."]
    assert not _use(dialog).isEnabled()
    assert not _can_prefer(dialog)
    panel.show_view(view)
    assert _use(dialog).isEnabled()
    assert _can_prefer(dialog)
    dialog.reject()


def test_it_goes_on_when_its_question_is_shown_again(panel: DeliberationPanel) -> None:
    view = running_view(3, words=1)
    panel.show_view(view)
    dialog = _open(panel, 2)
    panel.show_view(_another("Something else entirely"))
    view.apply(Progressed(NAME, 1.4, (CandidateDelta(2, "", "and more", 4, 0.3),)))
    panel.show_view(view)
    assert _texts(dialog) == ["Still thinking", "word and more"]
    view.apply(CandidateFinished(NAME, candidate(2, "12", response="word and more")))
    view.apply(TallyChanged(NAME, tally_votes([candidate(2, "12")])))
    panel.refresh()
    assert _texts(dialog) == ["Answer: 12", "word and more"]
    dialog.reject()
