"""An answer that was cut, gone on with in the window."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
from contextlib import closing

import msgspec
import psutil
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop_app.chat.phase import ChatPhase
from desktop_app.chat.transcript_offers import CutOffers
from desktop_app.chat.transcript_turn import TurnWidget
from desktop_app.chat.turn import TurnState, TurnView
from desktop_app.library.model_control import ModelPhase
from desktop_app.look.tips import plain_tip
from desktop_app.settings_pages.settings_dialog import SettingsDialog
from desktop_app.window.shortcuts import Command
from engine.candidate import StopReason
from models.builtin import REASONER_QUESTIONS, SMALL, builtin_models
from tests.desktop_app.window_driver import Driver

LONG = [{"text": "One and one are two, and two are four.\nAnswer: 4"}]
THINKING = [{"text": "<think>One and one are two.</think>\n\nAnswer: 4"}]


def limit(driver: Driver, tokens: int | None) -> None:
    settings = driver.work.settings
    thinking = msgspec.structs.replace(settings.thinking, tokens_per_candidate=tokens)
    driver.work.current_settings.apply(msgspec.structs.replace(settings, thinking=thinking))


def answer_of(driver: Driver) -> TurnView:
    return driver.chat.turns()[-1]


def widget_of(driver: Driver) -> TurnWidget:
    """The last answer's."""
    driver.settle()
    wanted = driver.chat.last_answer_id
    turns = driver.window.transcript.findChildren(TurnWidget)
    return next(turn for turn in turns if turn.turn.message_id == wanted)


@pytest.fixture
def cut(driver: Driver) -> Driver:
    """A window whose answer was cut after four words."""
    driver.load(LONG)
    limit(driver, 4)
    driver.ask("How many?", attempts=1)
    assert answer_of(driver).text == "One and one are"
    limit(driver, None)
    return driver


def test_it_goes_on_as_a_version_that_begins_with_the_text(cut: Driver) -> None:
    seen: list[str] = []
    cut.chat.turn_updated.connect(lambda turn: seen.append(turn.text))
    cut.chat.turn_appended.connect(lambda turn: seen.append(turn.text))
    button = widget_of(cut).action_row.go_on_button
    assert button.isVisible()
    assert button.isEnabled()
    button.click()
    cut.wait(lambda: not cut.chat.busy)
    answer = answer_of(cut)
    assert answer.text == LONG[0]["text"]
    assert (answer.version, answer.versions) == (2, 2)
    assert answer.going_on is None
    assert cut.window.transcript.turns()[-1].text == LONG[0]["text"]  # as it was told in parts
    versions = cut.chat.versions(answer.message_id)
    assert versions[1].spent.endswith("; went on from a cut answer")
    assert not any(version.answered for version in versions)  # neither took what a whole one takes
    assert all(text.startswith("One and one are") for text in seen)  # it never stood there empty
    assert widget_of(cut).body.toPlainText().startswith("One and one are two")
    cut.chat.show_version(answer.message_id, -1)
    assert answer_of(cut).text == "One and one are"


def test_journal_search_and_export_have_the_whole_and_count_only_what_is_new(cut: Driver) -> None:
    cut.work.on_command(Command.GO_ON)
    cut.wait(lambda: not cut.chat.busy)
    cut.settle()
    conversation_id = cut.chat.visible_id or ""
    first, second = cut.journal.deliberations_of(conversation_id).result().records
    assert second.candidates[0].response == LONG[0]["text"]
    assert (second.candidates[0].tokens, second.candidates[0].begun_tokens) == (7, 4)
    assert (first.candidates[0].tokens, first.candidates[0].stop) == (4, StopReason.TOKEN_BUDGET)
    assert second.verdict is not None
    assert second.verdict.answer == "4"
    assert cut.journal.conversations("Answer").result()
    text = cut.journal.export_markdown(conversation_id, cut.chat.last_answer_id).result()
    assert "One and one are two, and two are four." in text
    exported = msgspec.json.encode(cut.journal.export(conversation_id).result())
    assert json.loads(exported)["deliberations"][1]["candidates"][0]["begun_tokens"] == 4


def test_the_keys_go_on_with_the_last_answer(cut: Driver) -> None:
    cut.window.activateWindow()
    cut.window.composer.focus()
    alt = Qt.KeyboardModifier.AltModifier
    QTest.keyClick(cut.window.composer.edit, Qt.Key.Key_Return, alt)
    cut.wait(lambda: answer_of(cut).text == LONG[0]["text"])
    cut.wait(lambda: not cut.chat.busy)
    cut.work.on_command(Command.GO_ON)  # nothing is cut any more
    assert answer_of(cut).versions == 2


def test_a_stopped_answer_is_gone_on_with(driver: Driver) -> None:
    driver.load([{"text": "One and", "hold": True}, {"text": "One and one are two."}])
    driver.slide(1)
    driver.write("How many?")
    driver.wait(lambda: len(driver.chat.turns()) == 2 and answer_of(driver).text == "One and")
    assert answer_of(driver).going_on is None
    driver.chat.stop()
    driver.wait_phase(ChatPhase.READY)
    driver.wait(lambda: answer_of(driver).going_on is not None)
    driver.work.on_command(Command.GO_ON)
    driver.wait(lambda: not driver.chat.busy)
    assert answer_of(driver).text == "One and one are two."


def test_what_a_dead_worker_left_is_gone_on_with(driver: Driver) -> None:
    driver.load([{"text": "One and one", "hold": True}, {"text": "One and one are two."}])
    driver.slide(1)
    driver.write("How many?")
    driver.wait(lambda: len(driver.chat.turns()) == 2 and answer_of(driver).text == "One and one")
    os.kill(driver.work.session.worker_process_id or 0, signal.SIGKILL)
    driver.wait(lambda: answer_of(driver).state is TurnState.FAILED)
    driver.wait(lambda: driver.work.models.state.takes_questions)
    driver.work.on_command(Command.GO_ON)
    driver.wait(lambda: not driver.chat.busy)
    assert answer_of(driver).text == "One and one are two."


def test_a_worker_that_dies_before_it_goes_on_costs_no_text(driver: Driver) -> None:
    driver.load([{"text": "One and one are two, and", "hold": True}])
    limit(driver, 4)
    driver.ask("How many?", attempts=1)
    limit(driver, None)
    worker = psutil.Process(driver.work.session.worker_process_id)
    worker.suspend()  # so that it has said nothing of the question when it dies
    widget_of(driver).action_row.go_on_button.click()
    driver.settle()
    worker.kill()
    driver.wait(lambda: not driver.chat.busy)
    answer = answer_of(driver)
    assert answer.state is TurnState.FAILED
    assert answer.error_title == "The engine process ended unexpectedly"
    assert (answer.text, answer.versions) == ("One and one are", 2)
    driver.wait(lambda: driver.work.models.state.takes_questions)
    limit(driver, 4)
    driver.ask("And now?", attempts=1)
    assert answer_of(driver).state is TurnState.FINISHED


def test_what_is_not_written_down_when_the_worker_dies_waits_for_a_model(cut: Driver) -> None:
    script = cut.work.models.state.path
    assert script is not None
    script.unlink()  # it cannot be taken up again
    with closing(sqlite3.connect(cut.journal.path, isolation_level=None)) as another:
        another.execute("BEGIN IMMEDIATE")
        cut.work.on_command(Command.GO_ON)
        os.kill(cut.work.session.worker_process_id or 0, signal.SIGKILL)
        cut.wait(lambda: cut.work.models.state.phase is ModelPhase.NO_MODEL)
        another.execute("ROLLBACK")
    cut.wait_phase(ChatPhase.QUEUED)
    assert answer_of(cut).text == "One and one are"
    cut.load(LONG)
    cut.wait(lambda: not cut.chat.busy)
    answer = answer_of(cut)
    assert (answer.state, answer.text) == (TurnState.FINISHED, LONG[0]["text"])
    assert cut.chat.versions(answer.message_id)[1].spent.endswith("; went on from a cut answer")


def test_a_thought_that_was_cut_goes_on(driver: Driver) -> None:
    driver.load(THINKING)
    limit(driver, 3)
    driver.ask("How many?", attempts=1)
    answer = answer_of(driver)
    assert answer.thought == "One and one"
    assert answer.thought_tokens == 3
    assert answer.text == (
        "The limit of 3 tokens cut it. There is no answer yet: it was still thinking."
    )
    offers = widget_of(driver).findChild(CutOffers)
    assert offers is not None
    assert offers.isVisible()
    assert not widget_of(driver).action_row.go_on_button.isVisible()  # it stands there once
    assert answer.evidence is not None
    assert answer.evidence.thoughts_cut == (3,)
    limit(driver, None)
    offers.go_on_button.click()
    driver.wait(lambda: not driver.chat.busy)
    answer = answer_of(driver)
    assert (answer.thought, answer.text) == ("One and one are two.", "Answer: 4")
    assert answer.thought_tokens == 5
    assert not answer.wants_tokens


def test_a_vote_that_the_limit_cut_says_so_and_offers_both(driver: Driver) -> None:
    driver.load(THINKING)
    limit(driver, 3)
    driver.ask("How many?", attempts=4)
    answer = answer_of(driver)
    assert answer.text == (
        "The limit of 3 tokens cut all 4 candidates. "
        "There is no answer yet: they were still thinking."
    )
    offers = widget_of(driver).findChild(CutOffers)
    assert offers is not None
    offers.tokens_button.click()
    dialog = driver.window.findChild(SettingsDialog)
    assert dialog is not None
    assert dialog._tokens.isVisible()
    dialog.reject()
    limit(driver, None)
    offers.go_on_button.click()
    driver.wait(lambda: not driver.chat.busy)
    assert answer_of(driver).text == "Answer: 4"


def test_another_model_is_named_and_none_is_a_reason(cut: Driver) -> None:
    cut.load(LONG, name="other")
    tip = "other goes on where model broke off; it is kept as a version"
    cut.wait(lambda: widget_of(cut).action_row.go_on_button.toolTip() == plain_tip(tip))
    cut.work.models.eject(cut.chat.when_idle)
    cut.wait(lambda: cut.work.models.report is None)
    button = widget_of(cut).action_row.go_on_button
    assert not button.isEnabled()
    assert button.toolTip() == plain_tip("Load a model to go on with it")
    cut.work.on_command(Command.GO_ON)
    assert not cut.chat.busy


def test_a_cut_answer_is_still_one_after_a_restart(cut: Driver) -> None:
    conversation_id = cut.chat.visible_id or ""
    cut.chat.new_conversation()
    cut.chat.open_conversation(conversation_id)
    cut.wait(lambda: len(cut.chat.turns()) == 2)
    cut.work.on_command(Command.GO_ON)
    cut.wait(lambda: not cut.chat.busy)
    assert answer_of(cut).text == LONG[0]["text"]


def test_the_built_in_model_goes_on_as_if_it_had_not_been_cut(driver: Driver) -> None:
    path = builtin_models()[SMALL]
    driver.work.open_file(path)
    driver.wait(lambda: driver.work.models.state.takes_questions)
    driver.ask(REASONER_QUESTIONS[0], attempts=1)
    whole = answer_of(driver)
    assert whole.evidence is not None
    assert driver.work.models.report is not None
    assert whole.evidence.model == driver.work.models.report.name  # as the picker, not its file
    assert whole.evidence.model != path.stem
    limit(driver, 9)
    driver.work.on_command(Command.REGENERATE)
    driver.wait(lambda: not driver.chat.busy)
    part = answer_of(driver)
    assert part.text != whole.text
    assert whole.text.startswith(part.text)
    limit(driver, None)
    driver.work.on_command(Command.GO_ON)
    driver.wait(lambda: not driver.chat.busy)
    assert answer_of(driver).text == whole.text
    assert answer_of(driver).versions == 3
