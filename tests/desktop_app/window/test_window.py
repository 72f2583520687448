"""The window from a person's hands to the journal: the real session, a script as the model."""

from __future__ import annotations

import json
import os
import signal
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton

from desktop_app.app import QuitStage
from desktop_app.chat.phase import ChatPhase
from desktop_app.chat.turn import Role, TurnState, TurnView
from desktop_app.folders import folders
from desktop_app.library.model_control import ModelPhase
from desktop_app.settings import Settings, WindowPlace, load_settings, save_settings
from desktop_app.window.dropped_files import dropped_model
from desktop_app.window.main_window import CentrePage
from desktop_app.window.message_bar import MessageKind
from desktop_app.window.shortcuts import Command
from engine.budget import Budget
from engine.generation import LoadOptions, Sampling
from engine.journal.journal import Journal
from engine.journal.records import DeliberationRecord, DraftRecord, MessageRecord, now
from engine.verdict import Outcome, StoppedWhy
from models.builtin import sample_questions
from tests.desktop_app.window_driver import HOLD, VOTE, Driver

OpenWindow = Callable[..., Driver]


def turns(driver: Driver) -> list[TurnView]:
    """The visible conversation as the controller sees it."""
    return driver.chat.turns()


def messages(driver: Driver) -> list[MessageRecord]:
    """The visible conversation as the journal has it."""
    assert driver.chat.visible_id is not None
    return driver.journal.messages(driver.chat.visible_id).result(timeout=20)


# --- start ------------------------------------------------------------------------------------


def test_the_first_start_asks_for_a_model_and_forces_nothing(driver: Driver) -> None:
    assert driver.window.page is CentrePage.FIRST_RUN
    assert driver.work.models.state.phase is ModelPhase.NO_MODEL
    assert not driver.window.composer.isVisible()


def test_a_model_named_at_the_start_is_loaded(open_window: OpenWindow, tmp_path: Path) -> None:
    path = tmp_path / "named.script.json"
    path.write_text(json.dumps({"lines": VOTE}))
    driver = open_window(path)
    driver.wait(lambda: driver.work.models.state.phase is ModelPhase.READY)
    assert driver.work.models.state.path == path


def test_the_next_start_shows_model_and_conversation_again(open_window: OpenWindow) -> None:
    first = open_window()
    path = first.load(VOTE)
    first.ask("How many?")
    first.slide(16)
    first.window.top_bar.set_panel_shown(shown=False)
    shown = first.chat.visible_id
    first.quit()
    second = open_window()
    second.wait(lambda: second.work.models.state.phase is ModelPhase.READY)
    second.wait(lambda: second.chat.visible_id == shown)
    assert second.work.models.state.path == path
    assert [turn.text for turn in turns(second)] == ["How many?", "I count.\nAnswer: 4"]
    assert second.window.composer.attempts == 16
    assert second.window.panel.isHidden()
    assert second.window.page is CentrePage.TRANSCRIPT


def test_a_dropped_model_file_is_loaded(driver: Driver) -> None:
    path = driver.script(VOTE, "dropped")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    event = QDropEvent(
        QPointF(10, 10),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    driver.window.dropEvent(event)
    driver.wait(lambda: driver.work.models.state.path == path)
    driver.wait(lambda: driver.work.models.state.phase is ModelPhase.READY)
    assert driver.window.composer.text == ""


def test_a_model_file_is_not_dropped_into_the_question(driver: Driver) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile("/m/model.gguf")])
    assert not driver.window.composer.edit.canInsertFromMimeData(data)
    data.setUrls([QUrl("https://example.org/model.gguf")])
    assert driver.window.composer.edit.canInsertFromMimeData(data)


def test_a_sample_question_can_be_undone(driver: Driver) -> None:
    composer = driver.window.composer
    QTest.keyClicks(composer.edit, "half a question")
    driver.window.empty.question_chosen.emit("What is 3 + 4?")
    assert composer.text == "What is 3 + 4?"
    composer.edit.undo()
    assert composer.text == "half a question"


def test_a_hidden_column_keeps_its_width(driver: Driver) -> None:
    window = driver.window
    before = window.place(None).splitter
    window.top_bar.set_panel_shown(shown=False)
    after = window.place(None).splitter
    assert after[0] > 0
    assert after[2] == before[2] > 0


def test_a_dropped_engine_is_taken_as_a_model_is() -> None:
    for name, taken in (("pool.engine.json", True), ("other.json", False)):
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(f"/e/{name}")])
        assert (dropped_model(data) is not None) is taken


def test_room_that_no_server_states_is_not_shown_as_a_number(driver: Driver) -> None:
    bar = driver.window.top_bar
    bar.show_context(1200, 0)
    assert "context 1.2k, room not stated" in {label.text() for label in bar.findChildren(QLabel)}
    bar.show_context(None, 0)
    assert not any("context" in label.text() for label in bar.findChildren(QLabel))


@pytest.mark.parametrize("family", ["number-stories", "reasoner"])
def test_a_demonstration_model_says_so_and_offers_questions(driver: Driver, family: str) -> None:
    driver.load(VOTE, family=family)
    assert driver.window.page is CentrePage.EMPTY
    offered = {button.accessibleName() for button in driver.window.empty.findChildren(QPushButton)}
    assert set(sample_questions(family)[:4]) <= offered
    driver.window.empty.question_chosen.emit("Tom has 3 apples. How many?")
    assert driver.window.composer.text == "Tom has 3 apples. How many?"
    driver.ask("Tom has 3 apples. How many?")
    assert driver.window.demonstration_line_shown
    driver.load(VOTE, "full")
    assert not driver.window.demonstration_line_shown


# --- one question -----------------------------------------------------------------------------


def test_a_question_is_answered_shown_and_recorded(driver: Driver) -> None:
    driver.load(VOTE)
    driver.ask("How many apples are there?")
    question, answer = turns(driver)
    assert (question.role, question.text) == (Role.USER, "How many apples are there?")
    assert (answer.role, answer.text) == (Role.ASSISTANT, "I count.\nAnswer: 4")
    assert answer.state is TurnState.FINISHED
    evidence = answer.evidence
    assert evidence is not None
    assert evidence.outcome is Outcome.MAJORITY
    assert evidence.groups[0].label == "4"
    assert evidence.joules is None
    assert driver.window.panel.view is not None
    assert driver.window.panel.view.verdict is not None
    stored_question, stored_answer = messages(driver)
    assert stored_question.content == "How many apples are there?"
    assert stored_answer.content == "I count.\nAnswer: 4"
    record = driver.journal.deliberation(stored_answer.deliberation_id or "").result(timeout=20)
    assert record is not None
    assert record.message_id == stored_answer.message_id
    driver.settle()
    assert [row.title for row in driver.listed()] == ["How many apples are there?"]
    assert driver.window.composer.text == ""


def test_the_question_is_on_disk_before_it_is_sent(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver.load(VOTE)
    recorded: list[list[str]] = []
    ask = driver.work.session.ask

    def watch(request: object) -> None:
        recorded.append([message.content for message in messages(driver)])
        ask(request)  # type: ignore[arg-type]  # passed on as it came

    monkeypatch.setattr(driver.work.session, "ask", watch)
    driver.ask("How many?")
    assert recorded == [["How many?", ""]]


def test_the_price_is_learned_from_the_answer(driver: Driver) -> None:
    driver.load(VOTE)
    assert "not measured" in driver.window.composer.price_text
    for _time in range(2):
        driver.ask("How many?", attempts=1)
    driver.wait(lambda: "≈" in driver.window.composer.price_text)


def test_the_conversation_goes_on_with_its_context(driver: Driver) -> None:
    driver.load(VOTE)
    driver.ask("How many?")
    driver.ask("And now?")
    assert [turn.role for turn in turns(driver)] == [
        Role.USER, Role.ASSISTANT, Role.USER, Role.ASSISTANT,
    ]  # fmt: skip
    question_id = turns(driver)[2].message_id
    context = driver.chat.context_for(question_id)
    assert [message.role for message in context] == ["user", "assistant", "user"]


def test_a_tie_has_no_winner_and_a_candidate_can_be_promoted(driver: Driver) -> None:
    driver.load([{"text": "Answer: 4"}, {"text": "Answer: 5"}])
    driver.ask("How many?", attempts=2)
    answer = turns(driver)[1]
    assert answer.evidence is not None
    assert answer.evidence.outcome is Outcome.TIE
    assert "No majority" in answer.text
    driver.window.transcript.promote_requested.emit(answer.message_id, 1)
    assert turns(driver)[1].text == "Answer: 5"
    assert messages(driver)[1].content == "Answer: 5"
    driver.settle()
    record = driver.journal.deliberation(messages(driver)[1].deliberation_id or "").result(20)
    assert record is not None
    assert record.promoted == 1


# --- live control -----------------------------------------------------------------------------


def test_answer_now_takes_what_exists(driver: Driver) -> None:
    driver.load(HOLD)
    driver.slide(2)
    driver.write("How many?")
    driver.wait(lambda: bool(driver.window.panel.view and driver.window.panel.view.tally.groups))
    assert driver.window.composer.button.text() == "Answer now"
    driver.window.composer.button.click()
    driver.wait_phase(ChatPhase.READY)
    answer = turns(driver)[1]
    assert answer.text == "Answer: 4"
    assert answer.evidence is not None
    assert answer.evidence.stopped is StoppedWhy.ANSWERED_NOW


def test_stop_keeps_what_was_written(driver: Driver) -> None:
    driver.load([{"text": "half an answer", "hold": True}])
    driver.slide(1)
    driver.write("How many?")
    driver.wait(lambda: turns(driver)[1].text == "half an answer")
    driver.window.composer.stop_button.click()
    driver.wait_phase(ChatPhase.READY)
    answer = turns(driver)[1]
    assert answer.text == "half an answer"
    assert answer.evidence is not None
    assert answer.evidence.stopped is StoppedWhy.CANCELLED


def test_moving_the_slider_while_thinking_changes_the_running_budget(driver: Driver) -> None:
    driver.load(HOLD)
    driver.slide(2)
    driver.write("How many?")
    driver.wait_phase(ChatPhase.THINKING)
    driver.slide(4)
    view = driver.window.panel.view
    assert view is not None
    driver.wait(lambda: view.budget.samples == 4 and len(view.candidates) == 4)
    driver.chat.stop()


def test_think_longer_builds_on_the_same_deliberation(driver: Driver) -> None:
    driver.load([{"text": "Answer: 4"}, {"text": "Answer: 5"}])
    driver.ask("How many?", attempts=2)
    before = messages(driver)[1]
    driver.window.transcript.think_longer_requested.emit(before.message_id)
    driver.wait(lambda: not driver.chat.busy)
    after = messages(driver)[1]
    assert after.deliberation_id == before.deliberation_id
    record = driver.journal.deliberation(after.deliberation_id or "").result(timeout=20)
    assert record is not None
    assert record.budget.samples == 4
    assert [candidate.index for candidate in record.candidates] == [0, 1, 2, 3]


def test_thinking_longer_after_a_settled_vote_really_thinks(driver: Driver) -> None:
    driver.load([{"text": "Answer: 4"}])
    driver.ask("How many?", attempts=8)
    answer = turns(driver)[1]
    assert answer.evidence is not None
    assert answer.evidence.stopped is StoppedWhy.SETTLED
    counted = answer.evidence.candidates
    driver.chat.think_longer(answer.message_id)
    driver.wait(lambda: not driver.chat.busy)
    longer = turns(driver)[1].evidence
    assert longer is not None
    assert longer.candidates > counted


# --- conversations ----------------------------------------------------------------------------


def test_a_stream_belongs_to_its_conversation(driver: Driver) -> None:
    driver.load(HOLD)
    driver.slide(2)
    driver.write("First question")
    driver.wait_phase(ChatPhase.THINKING)
    first = driver.chat.visible_id
    assert first is not None
    driver.work.on_command(Command.NEW_CONVERSATION)
    driver.wait_phase(ChatPhase.READY)
    assert driver.chat.turns() == []
    driver.write("Second question")
    driver.wait_phase(ChatPhase.QUEUED)
    assert "next" in driver.window.composer.hint
    second = driver.chat.visible_id
    driver.chat.open_conversation(first)
    driver.wait_phase(ChatPhase.THINKING)
    assert turns(driver)[0].text == "First question"
    driver.wait(lambda: bool(driver.window.panel.view and driver.window.panel.view.tally.groups))
    driver.chat.answer_now()
    driver.wait_phase(ChatPhase.READY)
    assert turns(driver)[1].text == "Answer: 4"
    assert driver.chat.thinking_elsewhere
    driver.chat.open_conversation(second or "")
    driver.wait_phase(ChatPhase.THINKING)
    assert turns(driver)[0].text == "Second question"
    driver.chat.stop()


def test_drafts_belong_to_their_conversation(driver: Driver) -> None:
    driver.load(VOTE)
    driver.ask("First question")
    first = driver.chat.visible_id or ""
    driver.window.composer.set_text("half a thought")
    driver.work.on_command(Command.NEW_CONVERSATION)
    assert driver.window.composer.text == ""
    driver.window.composer.set_text("something else")
    driver.chat.open_conversation(first)
    driver.wait(lambda: driver.chat.visible_id == first)
    assert driver.window.composer.text == "half a thought"
    driver.work.on_command(Command.NEW_CONVERSATION)
    assert driver.window.composer.text == "something else"


def test_a_question_before_the_model_is_ready_waits_for_it(driver: Driver) -> None:
    path = driver.script(VOTE)
    driver.work.open_file(path)
    driver.wait_phase(ChatPhase.LOADING)
    driver.write("How many?")
    driver.wait_phase(ChatPhase.QUEUED)
    assert "when the model is ready" in driver.window.composer.hint
    driver.wait(lambda: len(turns(driver)) == 2 and turns(driver)[1].state is TurnState.FINISHED)


def test_a_waiting_question_can_be_taken_back_and_retried(driver: Driver) -> None:
    driver.work.open_file(driver.script([{"text": "x"}]))
    driver.write("How many?")
    driver.window.composer.stop_button.click()
    answer = turns(driver)[1]
    assert (answer.state, answer.error_title) == (TurnState.FAILED, "Not sent")
    assert driver.window.composer.text == "How many?"
    driver.load(VOTE)
    driver.window.transcript.retry_requested.emit(answer.message_id)
    driver.wait(lambda: turns(driver)[1].state is TurnState.FINISHED)


def test_regenerating_makes_a_version_and_the_other_can_be_shown(driver: Driver) -> None:
    driver.load([{"text": "Answer: 4"}, {"text": "Answer: 5"}])
    driver.ask("How many?", attempts=1)
    first = turns(driver)[1]
    driver.window.transcript.regenerate_requested.emit(first.message_id)
    driver.wait(lambda: not driver.chat.busy)
    second = turns(driver)[1]
    assert (second.text, second.version, second.versions) == ("Answer: 5", 2, 2)
    driver.window.transcript.version_requested.emit(second.message_id, -1)
    shown = turns(driver)[1]
    assert (shown.text, shown.version) == ("Answer: 4", 1)
    assert driver.window.panel.view is not None
    assert driver.window.panel.view.deliberation_id != ""
    driver.settle()
    assert driver.listed()[0].leaf_id in {first.message_id, second.message_id}


def test_an_edited_question_is_a_version_with_its_own_answer(driver: Driver) -> None:
    driver.load(VOTE)
    driver.ask("How many?")
    question = turns(driver)[0]
    driver.window.transcript.edit_requested.emit(question.message_id, "How many now?")
    driver.wait(lambda: not driver.chat.busy)
    edited = turns(driver)[0]
    assert (edited.text, edited.version, edited.versions) == ("How many now?", 2, 2)
    driver.chat.show_version(edited.message_id, -1)
    assert turns(driver)[0].text == "How many?"
    assert turns(driver)[1].state is TurnState.FINISHED


def test_a_deleted_conversation_can_be_restored_until_ponder_ends(
    open_window: OpenWindow,
) -> None:
    driver = open_window()
    driver.load(VOTE)
    driver.ask("Keep me")
    kept = driver.chat.visible_id or ""
    driver.wait(lambda: len(driver.listed()) == 1)
    driver.window.conversations.delete_requested.emit(tuple(driver.listed()))
    driver.settle()
    assert driver.chat.visible_id is None
    driver.wait(lambda: driver.listed() == [])
    undo = driver.window.message_bar.message
    assert undo is not None
    assert undo.act is not None
    undo.act()
    driver.wait(lambda: driver.chat.visible_id == kept)
    driver.wait(lambda: len(driver.listed()) == 1)
    driver.window.conversations.delete_requested.emit(tuple(driver.listed()))
    driver.quit()
    again = open_window()
    again.settle()
    assert again.journal.messages(kept).result(timeout=20) == []


def test_rename_pin_search_and_export(driver: Driver, tmp_path: Path) -> None:
    driver.load(VOTE)
    driver.ask("Apples in a basket")
    driver.work.on_command(Command.NEW_CONVERSATION)
    driver.ask("Trains on a bridge")
    driver.settle()
    row = next(c for c in driver.listed() if c.title.startswith("Apples"))
    driver.window.conversations.rename_requested.emit(row.conversation_id, "Fruit")
    driver.wait(lambda: "Fruit" in [c.title for c in driver.listed()])
    driver.window.conversations.pin_requested.emit((row,), not row.pinned)
    driver.wait(lambda: [c.pinned for c in driver.listed()] == [True, False])
    assert driver.listed()[0].title == "Fruit"
    driver.window.conversations.search("basket")
    driver.wait(lambda: [c.title for c in driver.listed()] == ["Fruit"])
    for form in ("markdown", "json"):
        path = tmp_path / f"out.{form}"
        driver.work.conversations.export(row.conversation_id, None, form, path)
        driver.wait(path.exists)
        assert "Apples in a basket" in path.read_text()
    driver.work.conversations.export(
        row.conversation_id, None, "markdown", tmp_path / "no" / "such.md"
    )
    driver.wait(lambda: _told(driver) == "The folder does not exist")


def _told(driver: Driver) -> str | None:
    message = driver.window.message_bar.message
    return message.title if message is not None else None


# --- what goes wrong --------------------------------------------------------------------------


def test_a_killed_engine_fails_the_answer_which_can_be_retried(driver: Driver) -> None:
    driver.load(HOLD)
    driver.slide(2)
    driver.write("How many?")
    driver.wait(lambda: bool(driver.window.panel.view and driver.window.panel.view.tally.groups))
    process_id = driver.work.session.worker_process_id
    assert process_id is not None
    os.kill(process_id, signal.SIGKILL)
    driver.wait(lambda: turns(driver)[1].state is TurnState.FAILED)
    answer = turns(driver)[1]
    assert answer.error_title == "The engine process ended unexpectedly"
    assert driver.window.message_bar.message is None, "the answer in sight says it itself"
    driver.wait(lambda: driver.work.models.state.phase is ModelPhase.READY)
    driver.chat.retry(answer.message_id)
    driver.wait_phase(ChatPhase.THINKING)
    driver.chat.answer_now()
    driver.wait(lambda: turns(driver)[1].state is TurnState.FINISHED)
    assert turns(driver)[1].text == "Answer: 4"


def test_a_file_that_is_no_model_is_said_kindly(driver: Driver, tmp_path: Path) -> None:
    path = tmp_path / "bad.script.json"
    path.write_text("{")
    driver.work.open_file(path)
    driver.wait(lambda: _told(driver) == "This file cannot be used as a model")
    assert driver.chat.phase is ChatPhase.NO_MODEL


def test_a_model_that_ended_the_engine_is_not_loaded_by_itself(open_window: OpenWindow) -> None:
    driver = open_window()
    driver.load([{"text": "Answer: 4", "abort": True}])
    for number in range(3):  # the third death in a minute is the last reload
        driver.wait_phase(ChatPhase.READY)
        driver.write(f"Question {number}")
        driver.wait(lambda: driver.chat.busy)
        driver.wait(lambda: not driver.chat.busy)
    assert driver.work.models.state.phase is ModelPhase.NO_MODEL
    driver.quit()
    again = open_window()
    again.wait(lambda: _told(again) == "The last model was not loaded")
    assert again.work.models.state.phase is ModelPhase.NO_MODEL


def test_a_missing_last_model_is_said(open_window: OpenWindow) -> None:
    first = open_window()
    path = first.load(VOTE)
    first.quit()
    path.unlink()
    second = open_window()
    second.wait(lambda: _told(second) == "The last model is gone")
    assert second.window.page is CentrePage.EMPTY


def test_a_damaged_settings_file_is_said_and_kept(open_window: OpenWindow) -> None:
    known = folders()
    known.config.mkdir(parents=True)
    known.settings.write_text("nonsense = = 1")
    driver = open_window()
    driver.wait(lambda: _told(driver) == "The settings could not be read")
    assert (known.config / "settings.toml.bad").exists()


def test_a_damaged_journal_is_left_alone_and_the_window_works(
    open_window: OpenWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    known = folders()
    known.data.mkdir(parents=True)
    known.journal.write_bytes(b"this is no database at all" * 100)
    before = known.journal.read_bytes()
    driver = open_window()
    driver.wait(lambda: _told(driver) == "The journal is damaged")
    driver.window.message_bar.close_message()
    assert _told(driver) == "This session is not kept"
    driver.load(VOTE)
    driver.ask("How many?")
    assert turns(driver)[1].state is TurnState.FINISHED
    assert list(scratch.glob("ponder-*/journal.db"))
    driver.quit()
    assert known.journal.read_bytes() == before
    assert not list(scratch.glob("ponder-*"))


def test_an_unfinished_answer_of_the_last_run_can_be_retried(open_window: OpenWindow) -> None:
    leave_unfinished()
    driver = open_window()
    driver.wait(lambda: driver.chat.visible_id == "c")
    answer = turns(driver)[1]
    assert (answer.text, answer.state) == ("so far", TurnState.INTERRUPTED)
    driver.load(VOTE)
    driver.chat.retry("a")
    driver.wait(lambda: turns(driver)[1].state is TurnState.FINISHED)
    assert turns(driver)[1].text == "I count.\nAnswer: 4"


def leave_unfinished() -> None:
    """Write what a killed window leaves behind."""
    known = folders()
    known.data.mkdir(parents=True)
    journal = Journal(known.journal)
    journal.create_conversation("c", "How many?")
    journal.add_message(MessageRecord("q", "c", None, "user", "How many?", now()))
    journal.add_message(MessageRecord("a", "c", "q", "assistant", "", now(), "d"))
    journal.start_deliberation(
        DeliberationRecord(
            "d", "a", "vote", Budget(samples=4), Sampling(), 1, "m", LoadOptions(), now()
        )
    )
    journal.save_draft("d", (DraftRecord(0, "", "so far", 2),))
    journal.close()
    save_settings(known.settings, Settings(window=WindowPlace(conversation_id="c")))


# --- commands and quitting --------------------------------------------------------------------


def test_commands_copy_zoom_and_step_through_conversations(driver: Driver) -> None:
    driver.load(VOTE)
    driver.ask("First")
    driver.work.on_command(Command.COPY_ANSWER)
    assert QGuiApplication.clipboard().text() == "I count.\nAnswer: 4"
    driver.work.on_command(Command.NEW_CONVERSATION)
    driver.ask("Second")
    driver.wait(lambda: len(driver.listed()) == 2)
    driver.work.on_command(Command.NEXT_CONVERSATION)
    driver.wait(lambda: bool(turns(driver)) and turns(driver)[0].text == "First")
    driver.work.on_command(Command.PREVIOUS_CONVERSATION)
    driver.wait(lambda: bool(turns(driver)) and turns(driver)[0].text == "Second")
    driver.work.on_command(Command.ZOOM_IN)
    assert driver.work.settings.appearance.zoom == 1.1
    driver.work.on_command(Command.ZOOM_RESET)
    driver.work.on_command(Command.ZOOM_OUT)
    assert driver.work.settings.appearance.zoom == 0.9
    for command, end in ((Command.ZOOM_OUT, 0.8), (Command.ZOOM_IN, 2.0)):
        for _ in range(20):
            driver.work.on_command(command)
        assert driver.work.settings.appearance.zoom == end
    driver.work.on_command(Command.ZOOM_RESET)


def test_other_engine_options_reload_the_model(driver: Driver) -> None:
    from msgspec.structs import replace

    driver.load(VOTE)
    settings = driver.work.settings
    engine = replace(settings.engine, slots=3)
    driver.work.current_settings.apply(replace(settings, engine=engine))
    driver.wait(
        lambda: driver.work.models.report is not None and driver.work.models.report.slots == 3
    )
    assert driver.work.settings.engine.slots == 3


def test_ejecting_frees_the_model(driver: Driver) -> None:
    driver.load(VOTE)
    driver.window.picker.eject_requested.emit()
    driver.wait(lambda: driver.work.models.state.phase is ModelPhase.NO_MODEL)
    assert driver.chat.phase is ChatPhase.NO_MODEL


def test_quitting_goes_through_its_stages_in_order(driver: Driver) -> None:
    driver.load(HOLD)
    driver.slide(2)
    driver.write("How many?")
    driver.wait_phase(ChatPhase.THINKING)
    driver.ponder.quit()
    driver.wait(lambda: QuitStage.DONE in driver.ponder.stages)
    assert driver.ponder.stages == sorted(QuitStage)
    assert driver.window.isHidden()
    assert driver.work.session.worker_process_id is None
    saved = load_settings(folders().settings).settings
    assert saved.window.conversation_id == driver.chat.visible_id
    driver.ponder.quit()
    assert driver.ponder.stages == sorted(QuitStage)


def test_no_message_but_done_ones_closes_by_itself(driver: Driver) -> None:
    driver.work.tell_error("decode")
    message = driver.window.message_bar.message
    assert message is not None
    assert message.kind is MessageKind.ERROR
