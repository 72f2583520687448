"""The transcript as a person uses it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QMenu, QToolButton
from pytestqt.qtbot import QtBot

from desktop_app.chat.transcript import TranscriptView
from desktop_app.chat.transcript_editor import QuestionEditor
from desktop_app.chat.transcript_parts import ThoughtSection
from desktop_app.chat.transcript_scroller import TurnScroller
from desktop_app.chat.transcript_strip import EvidenceStrip
from desktop_app.chat.transcript_turn import TurnWidget
from desktop_app.chat.turn import Evidence, Role, TurnState, TurnView, VoteShare
from desktop_app.rich_text.view import RichTextView
from engine.verdict import Outcome

EVIDENCE = Evidence(
    8, 7, (VoteShare("42", 5, 2), VoteShare("41", 2, 1)), 1, 0.9, 3.2, 120.0, "counter"
)
TIE = replace(EVIDENCE, groups=(VoteShare("42", 3, 4), VoteShare("41", 3, 6)), outcome=Outcome.TIE)


def _question(name: str, text: str = "How far?") -> TurnView:
    return TurnView(name, Role.USER, text)


def _answer(name: str, text: str = "**42** it is.", **changes: object) -> TurnView:
    turn = TurnView(name, Role.ASSISTANT, text, state=TurnState.FINISHED, evidence=EVIDENCE)
    return replace(turn, **changes)  # type: ignore[arg-type]


def _conversation(pairs: int) -> list[TurnView]:
    turns = []
    for number in range(pairs):
        turns.append(_question(f"q{number}"))
        turns.append(_answer(f"a{number}", f"Answer {number}\n\n" + "Some words. " * 60))
    return turns


@pytest.fixture
def view(qtbot: QtBot) -> TranscriptView:
    view = TranscriptView()
    qtbot.addWidget(view)
    view.resize(800, 600)
    view.show()
    qtbot.waitExposed(view)
    return view


def _scroller(view: TranscriptView) -> TurnScroller:
    scroller = view.findChild(TurnScroller)
    assert isinstance(scroller, TurnScroller)
    return scroller


def _turn(view: TranscriptView, name: str) -> TurnWidget:
    widget = _scroller(view).widget(name)
    assert widget is not None
    return widget


def _bar_value(view: QAbstractScrollArea) -> int:
    return view.verticalScrollBar().value()


def test_an_answer_shows_its_text_and_evidence(view: TranscriptView) -> None:
    view.set_turns([_question("q"), _answer("a")])
    turn = _turn(view, "a")
    assert turn.body.toPlainText() == "42 it is."
    strip = turn.findChild(EvidenceStrip)
    assert isinstance(strip, EvidenceStrip)
    assert strip.isVisible()
    assert "5 of 8 agree" in strip.accessibleName()
    assert "120 J" in strip.accessibleName()


def test_a_screen_reader_can_name_and_read_a_turn(view: TranscriptView) -> None:
    view.set_turns([_question("q"), _answer("a")])
    assert _turn(view, "q").accessibleName() == "Question"
    assert _turn(view, "a").accessibleName() == "Answer, 5 of 8 agree"
    assert _turn(view, "a").accessibleDescription() == "**42** it is."
    for button in view.findChildren(QToolButton):
        assert button.accessibleName() or button.text()


def test_streamed_text_appears_and_is_kept(view: TranscriptView, qtbot: QtBot) -> None:
    view.set_turns([_question("q"), _answer("a", "", state=TurnState.WAITING, evidence=None)])
    view.append_response("a", "Hm", "It is ")
    view.append_response("a", "m", "**42**")
    qtbot.waitUntil(lambda: _turn(view, "a").body.toPlainText() == "It is 42")
    shown = view.turns()[1]
    assert (shown.text, shown.thought, shown.state) == ("It is **42**", "Hmm", TurnState.STREAMING)


def test_streaming_repaints_are_gathered(view: TranscriptView, qtbot: QtBot) -> None:
    view.set_turns([_answer("a", "", state=TurnState.WAITING, evidence=None)])
    changes: list[int] = []
    document = _turn(view, "a").body.document()
    document.contentsChanged.connect(lambda: changes.append(1))
    for _ in range(500):
        view.append_response("a", "", "word ")
        QApplication.processEvents()
    qtbot.waitUntil(lambda: view.turns()[0].text.count("word") == 500)
    assert len(changes) < 100


def test_only_turns_in_sight_have_widgets(view: TranscriptView) -> None:
    view.set_turns(_conversation(1_000))
    widgets = view.findChildren(TurnWidget)
    assert 2 <= len(widgets) < 40
    assert _scroller(view).widget("a999") is not None
    assert _scroller(view).widget("q0") is None


def test_the_end_stays_in_sight_while_an_answer_grows(view: TranscriptView) -> None:
    view.set_turns([*_conversation(20), _answer("last", "", evidence=None)])
    scroller = _scroller(view)
    for _ in range(3):
        view.append_response("last", "", "More words.\n\n" * 20)
        assert view.turns()
        assert _bar_value(scroller) == scroller.verticalScrollBar().maximum()


def test_a_growing_answer_never_moves_what_is_being_read(view: TranscriptView) -> None:
    view.set_turns([*_conversation(40), _answer("last", "", evidence=None)])
    scroller = _scroller(view)
    scroller.verticalScrollBar().setValue(_bar_value(scroller) - 900)
    read = next(
        w
        for w in view.findChildren(TurnWidget)
        if w.isVisible() and w.y() <= 0 < w.geometry().bottom()
    )
    place = read.y()
    jump = view.findChild(QToolButton, "jump")
    assert isinstance(jump, QToolButton)
    assert jump.isVisible()
    view.append_response("last", "", "More words.\n\n" * 50)
    assert view.turns()
    assert read.y() == place
    jump.click()
    assert _bar_value(scroller) == scroller.verticalScrollBar().maximum()
    assert not jump.isVisible()


def test_what_is_read_stays_when_turns_above_turn_out_taller(view: TranscriptView) -> None:
    view.set_turns(_conversation(200))
    scroller = _scroller(view)
    bar = scroller.verticalScrollBar()
    bar.setValue(bar.maximum() // 2)
    for _ in range(40):
        visible = [w for w in view.findChildren(TurnWidget) if w.isVisible()]
        reference = next(w for w in visible if w.geometry().bottom() > 0 and w.y() <= 0)
        before, value = reference.y(), bar.value()
        bar.setValue(value - 40)
        assert abs(reference.y() - (before + 40)) <= 1


def test_asking_brings_the_end_into_view(view: TranscriptView) -> None:
    view.set_turns(_conversation(40))
    _scroller(view).verticalScrollBar().setValue(0)
    view.append_turn(_question("new"))
    assert _turn(view, "new").isVisible()
    assert _scroller(view).following


def test_the_answer_that_the_panel_is_about_is_marked_among_several(view: TranscriptView) -> None:
    view.set_turns([_question("q"), _answer("a")])
    view.mark("a")
    strip = _turn(view, "a").findChild(EvidenceStrip)
    assert isinstance(strip, EvidenceStrip)
    assert not strip.marked
    view.append_turn(_question("q2"))
    view.append_turn(_answer("b"))
    assert strip.marked
    view.mark("b")
    other = _turn(view, "b").findChild(EvidenceStrip)
    assert isinstance(other, EvidenceStrip)
    assert (strip.marked, other.marked) == (False, True)


def test_the_first_question_can_be_read_below_what_lies_over_the_top(
    view: TranscriptView,
) -> None:
    view.set_turns([_question("q"), _answer("a")])
    before = _turn(view, "q").y()
    view.set_covered(60)
    assert _turn(view, "q").y() == before + 60
    view.set_covered(0)
    assert _turn(view, "q").y() == before


def test_what_is_read_stays_when_something_lies_over_the_top(view: TranscriptView) -> None:
    view.set_turns(_conversation(40))
    view.scroll_to("a20")
    place = _turn(view, "a20").y()
    view.set_covered(60)
    assert _turn(view, "a20").y() == place
    _scroller(view).verticalScrollBar().setValue(0)
    assert _turn(view, "q0").y() > 60


def test_scroll_to_brings_a_turn_to_the_top(view: TranscriptView) -> None:
    view.set_turns(_conversation(300))
    view.scroll_to("a100")
    assert _turn(view, "a100").y() == 0
    assert _turn(view, "a100").isVisible()


def test_wide_windows_keep_a_readable_column(view: TranscriptView) -> None:
    view.set_turns([_answer("a", "word " * 400)])
    view.resize(1_600, 600)
    assert _turn(view, "a").body.width() <= 760
    scroller, turn = _scroller(view), _turn(view, "a")
    room = scroller.width() - scroller.verticalScrollBar().sizeHint().width()
    assert abs(turn.x() * 2 + turn.width() - room) <= 2


def test_no_line_moves_when_the_scroll_bar_comes(view: TranscriptView, qtbot: QtBot) -> None:
    view.set_turns([_answer("a", "word " * 20)])
    before = _turn(view, "a").geometry()
    assert not _scroller(view).verticalScrollBar().isVisible()
    view.set_turns([_answer("a", "word " * 20), *_conversation(20)])
    qtbot.waitUntil(_scroller(view).verticalScrollBar().isVisible)
    view.scroll_to("a")
    assert (_turn(view, "a").x(), _turn(view, "a").width()) == (before.x(), before.width())


def test_the_strip_asks_for_the_deliberation(view: TranscriptView, qtbot: QtBot) -> None:
    view.set_turns([_answer("a")])
    strip = _turn(view, "a").findChild(EvidenceStrip)
    assert isinstance(strip, EvidenceStrip)
    with qtbot.waitSignal(view.deliberation_requested) as asked:
        QTest.mouseClick(strip, Qt.MouseButton.LeftButton)
    assert asked.args == ["a"]


@pytest.mark.parametrize(
    ("label", "signal"),
    [("Regenerate", "regenerate_requested"), ("Think longer", "think_longer_requested")],
)
def test_actions_name_their_turn(
    view: TranscriptView, qtbot: QtBot, label: str, signal: str
) -> None:
    view.set_turns([_question("q"), _answer("a")])
    button = next(b for b in _turn(view, "a").findChildren(QToolButton) if b.text() == label)
    with qtbot.waitSignal(getattr(view, signal)) as asked:
        button.click()
    assert asked.args == ["a"]


def test_versions_are_stepped_through(view: TranscriptView, qtbot: QtBot) -> None:
    view.set_turns([_answer("a", version=2, versions=2)])
    row = _turn(view, "a").action_row
    assert not row.next_button.isEnabled()
    with qtbot.waitSignal(view.version_requested) as asked:
        row.previous_button.click()
    assert asked.args == ["a", -1]


def test_a_vote_nobody_won_offers_its_answers(view: TranscriptView, qtbot: QtBot) -> None:
    view.set_turns([_answer("a", "No majority", evidence=TIE)])
    button = next(b for b in _turn(view, "a").findChildren(QToolButton) if b.text() == "41 (3)")
    with qtbot.waitSignal(view.promote_requested) as asked:
        button.click()
    assert asked.args == ["a", 6]
    view.update_turn(_answer("a"))
    assert not button.isVisible()


def test_of_many_answers_some_are_offered_and_the_others_are_with_the_candidates(
    view: TranscriptView, qtbot: QtBot
) -> None:
    groups = tuple(VoteShare(str(number), 1, number) for number in range(16))
    view.set_turns([_answer("a", "No majority", evidence=replace(TIE, groups=groups))])
    buttons = _turn(view, "a").findChildren(QToolButton)
    offered = [b.text() for b in buttons if b.text().endswith("(1)")]
    assert offered == [f"{number} (1)" for number in range(7)]
    with qtbot.waitSignal(view.deliberation_requested) as asked:
        next(b for b in buttons if b.text() == "9 more…").click()
    assert asked.args == ["a"]


def test_what_the_settings_decide_leads_there(view: TranscriptView, qtbot: QtBot) -> None:
    failed = _answer(
        "a", "", state=TurnState.FAILED, evidence=None, error_title="Long", settings_help=True
    )
    view.set_turns([failed])
    buttons = [b for b in _turn(view, "a").findChildren(QToolButton) if b.isVisible()]
    assert "Regenerate" in [b.text() for b in buttons]
    with qtbot.waitSignal(view.settings_requested):
        next(b for b in buttons if b.text() == "Open settings").click()


def test_a_failure_says_why_and_can_be_tried_again(view: TranscriptView, qtbot: QtBot) -> None:
    failed = _answer(
        "a", "", state=TurnState.FAILED, evidence=None, error_title="It stopped", error_text="Why."
    )
    view.set_turns([failed])
    button = next(b for b in _turn(view, "a").findChildren(QToolButton) if b.text() == "Try again")
    assert button.isVisible()
    with qtbot.waitSignal(view.retry_requested) as asked:
        button.click()
    assert asked.args == ["a"]


def test_an_interrupted_answer_keeps_its_draft(view: TranscriptView) -> None:
    view.set_turns([_answer("a", "half a", state=TurnState.INTERRUPTED, evidence=None)])
    assert _turn(view, "a").body.toPlainText() == "half a"
    assert any(b.text() == "Try again" for b in _turn(view, "a").findChildren(QToolButton))


def test_a_question_is_edited_in_its_place(view: TranscriptView, qtbot: QtBot) -> None:
    view.set_turns([_question("q", "How far?"), _answer("a")])
    turn = _turn(view, "q")
    turn.start_editing()
    editor = turn.findChild(QuestionEditor)
    assert isinstance(editor, QuestionEditor)
    field = editor.focusProxy()
    assert field is not None
    QTest.keyClicks(field, " Really")
    with qtbot.waitSignal(view.edit_requested) as asked:
        QTest.keyClick(field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert asked.args == ["q", "How far? Really"]


def test_escape_leaves_a_question_as_it_was(view: TranscriptView, qtbot: QtBot) -> None:
    view.set_turns([_question("q", "How far?")])
    turn = _turn(view, "q")
    height = turn.height()
    turn.start_editing()
    editor = turn.findChild(QuestionEditor)
    assert isinstance(editor, QuestionEditor)
    field = editor.focusProxy()
    assert field is not None
    with qtbot.assertNotEmitted(view.edit_requested):
        QTest.keyClick(field, Qt.Key.Key_Escape)
    assert turn.body.isVisible()
    assert turn.height() == height


def test_a_thought_opens_and_closes(view: TranscriptView) -> None:
    view.set_turns([_answer("a", thought="First, count.\n\nThen add.", thought_tokens=1240)])
    section = _turn(view, "a").findChild(ThoughtSection)
    assert isinstance(section, ThoughtSection)
    assert section.line.text() == "▸ Thought for 1,240 tokens"
    closed = _turn(view, "a").height()
    section.line.setFocus()
    QTest.keyClick(section.line, Qt.Key.Key_Space)
    body = section.findChild(RichTextView)
    assert isinstance(body, RichTextView)
    assert "Then add." in body.toPlainText()
    assert _turn(view, "a").height() > closed
    section.line.click()
    assert _turn(view, "a").height() == closed


def test_arrows_move_between_turns_and_copy_takes_the_whole_turn(
    view: TranscriptView, qtbot: QtBot
) -> None:
    view.set_turns([_question("q", "How far?"), _answer("a")])
    view.activateWindow()
    _turn(view, "q").setFocus()
    QTest.keyClick(_turn(view, "q"), Qt.Key.Key_End)
    qtbot.waitUntil(lambda: _turn(view, "a").hasFocus())
    with qtbot.waitSignal(view.copy_requested) as copied:
        QTest.keyClick(_turn(view, "a"), Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert copied.args == ["a"]
    assert QGuiApplication.clipboard().text() == "**42** it is."
    QTest.keyClick(_turn(view, "a"), Qt.Key.Key_Up)
    assert _turn(view, "q").hasFocus()
    QTest.keyClick(_turn(view, "q"), Qt.Key.Key_Down)
    assert _turn(view, "a").hasFocus()


def test_a_selection_is_copied_alone(view: TranscriptView) -> None:
    view.set_turns([_answer("a", "one $x^2$ two")])
    turn = _turn(view, "a")
    turn.body.selectAll()
    turn.copy()
    assert QGuiApplication.clipboard().text() == "one $x^2$ two"


def test_each_code_block_has_a_button_that_copies_it(view: TranscriptView, qtbot: QtBot) -> None:
    code = "```python\nx = 1\n\ny = 2\n```\n\ntext\n\n```\nother\n```"
    view.set_turns([_answer("a", code)])

    def found() -> list[QToolButton]:
        return [b for b in view.findChildren(QToolButton) if b.accessibleName() == "Copy this code"]

    qtbot.waitUntil(lambda: len(found()) == 2)  # the second may be drawn a moment later
    buttons = found()
    buttons[0].click()
    assert QGuiApplication.clipboard().text() == "x = 1\n\ny = 2"
    buttons[1].click()
    assert QGuiApplication.clipboard().text() == "other"


def test_a_link_opens_nothing_by_itself(
    view: TranscriptView, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(
        "desktop_app.rich_text.view.QDesktopServices.openUrl",
        lambda url: opened.append(url.toString()),
    )
    view.set_turns([_answer("a", "[here](https://example.org/x?a=1)")])
    body = _turn(view, "a").body
    body.anchorClicked.emit(QUrl("https://example.org/x?a=1"))
    menu = body.findChild(QMenu)
    assert isinstance(menu, QMenu)
    assert opened == []
    entries = {action.text(): action for action in menu.actions()}
    assert "https://example.org/x?a=1" in entries
    entries["Open in the browser"].trigger()
    assert opened == ["https://example.org/x?a=1"]
    menu.close()


def test_another_conversation_replaces_the_first(view: TranscriptView) -> None:
    view.set_turns(_conversation(5))
    view.set_turns([_answer("other", "Something else")])
    assert [turn.message_id for turn in view.turns()] == ["other"]
    assert _scroller(view).widget("a4") is None
    view.clear()
    assert view.turns() == ()


def test_updates_of_unknown_turns_are_ignored(view: TranscriptView) -> None:
    view.set_turns([_answer("a")])
    view.update_turn(_answer("b"))
    view.append_response("b", "", "x")
    assert [turn.message_id for turn in view.turns()] == ["a"]
