"""An answer is given again by another model: loaded first, cancelled, refused, failed."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path

import psutil
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton

from desktop_app.chat.transcript_actions import ActionRow
from desktop_app.chat.transcript_figures import full_text
from desktop_app.chat.turn import TurnState, TurnView
from desktop_app.error_text import error_text
from desktop_app.library.model_control import ModelPhase
from desktop_app.library.picker_entry import EntryButton
from desktop_app.window.shortcuts import Command
from engine.backends.remote.description import (
    EndpointDescription,
    EngineDescription,
    write_description,
)
from models.builtin import SMALL, builtin_models
from models.errors import ModelTooLargeError
from tests.desktop_app.window_driver import VOTE, Driver


@pytest.fixture
def asked(driver: Driver) -> Driver:
    """A window whose question was answered by one of two models that were used."""
    driver.load(VOTE, "second")
    driver.load(VOTE, "first")
    driver.ask("How many?", attempts=4)
    driver.wait(lambda: len(driver.work.models.recent) == 2)
    return driver


@pytest.fixture
def silent(tmp_path: Path) -> Iterator[Path]:
    """An engine whose server takes calls and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        path = tmp_path / "silent.engine.json"
        endpoint = EndpointDescription(f"http://127.0.0.1:{server.getsockname()[1]}/v1")
        write_description(path, EngineDescription((endpoint,)))
        yield path


def answer(driver: Driver) -> TurnView:
    return driver.chat.turns()[-1]


def actions(driver: Driver) -> ActionRow:
    rows = driver.window.transcript.findChildren(ActionRow)
    return next(row for row in rows if row.regenerate_button.isVisibleTo(row))


def picker_for_answer(driver: Driver) -> dict[str, EntryButton]:
    actions(driver).another_action.trigger()
    driver.wait(lambda: driver.window.picker.isVisible())
    found = driver.window.picker.findChildren(EntryButton)
    return {entry.lines.title: entry for entry in found if entry.isVisible()}


def shown_buttons(driver: Driver) -> set[str]:
    buttons = driver.window.picker.findChildren(QPushButton)
    return {button.text() for button in buttons if button.isVisible()}


def again_with(driver: Driver, path: Path) -> None:
    actions(driver).another_action.trigger()
    driver.window.picker.hide()
    driver.window.picker.answerer_chosen.emit(str(path))


def waits(driver: Driver) -> bool:
    line = driver.window.answering_again
    assert line.isHidden() is not bool(line.text)
    return not line.isHidden()


def told(driver: Driver) -> str:
    message = driver.window.message_bar.message
    return message.title if message is not None else ""


def unchanged(driver: Driver, first: Path) -> bool:
    """Whether answer and model are as they were, and the model can be asked."""
    driver.wait(lambda: driver.work.models.state.takes_questions)
    driver.settle()
    turn, state = answer(driver), driver.work.models.state
    kept = driver.work.settings.model.path == str(first) == str(state.path)
    return kept and (turn.text, turn.versions) == ("I count.\nAnswer: 4", 1) and not waits(driver)


def test_another_model_gives_another_version_that_says_what_made_it(asked: Driver) -> None:
    offered = picker_for_answer(asked)
    labels = asked.window.picker.findChildren(QLabel)
    assert "Answer again with" in {label.text() for label in labels if label.isVisible()}
    assert offered["first"].lines.badge == "in use"
    assert {"second", "Ponder small"} <= set(offered)
    assert "Open a file…" not in shown_buttons(asked)
    asked.slide(2)
    offered["second"].click()
    asked.wait(lambda: answer(asked).versions == 2 and answer(asked).state is TurnState.FINISHED)
    asked.settle()
    turn = answer(asked)
    assert turn.version == 2
    assert turn.makers == ("first, Vote, up to 4 samples", "second, Vote, up to 2 samples")
    assert turn.evidence is not None
    assert "Vote, up to 2 samples · second" in full_text(turn.evidence)
    row = actions(asked)
    assert "first, Vote, up to 4 samples" in row.previous_button.toolTip()
    assert row.previous_button.accessibleDescription() == "first, Vote, up to 4 samples"
    assert "second, Vote, up to 2 samples" in row._version.toolTip()
    assert row.next_button.toolTip() == ""


def test_the_sheet_is_gone_through_by_keys_and_the_other_one_stays_as_it_was(
    asked: Driver,
) -> None:
    picker = asked.window.picker
    picker_for_answer(asked)["first"].click()
    assert answer(asked).versions == 2, "the model in use answers at once"
    assert not waits(asked)
    asked.wait(lambda: not asked.chat.busy)
    picker_for_answer(asked)
    focused = picker.focusWidget()
    assert focused is not None
    QTest.keyClicks(focused, "secon", Qt.KeyboardModifier.NoModifier)
    QTest.keyClick(focused, Qt.Key.Key_Return)
    assert not picker.isVisible()
    asked.wait(lambda: answer(asked).versions == 3 and answer(asked).state is TurnState.FINISHED)
    assert asked.window.focusWidget() is asked.window.composer.edit
    asked.window.open_picker()
    assert "Open a file…" in shown_buttons(asked)
    found = picker.findChildren(EntryButton)
    next(e for e in found if e.isVisible() and e.lines.title == "first").click()
    asked.wait(lambda: "first" in str(asked.work.models.state.path))
    asked.wait(lambda: asked.work.models.state.takes_questions)
    assert answer(asked).versions == 3


def test_a_load_is_cancelled_and_everything_is_as_it_was(asked: Driver, silent: Path) -> None:
    first, models = asked.work.models.state.path, asked.work.models
    assert first is not None
    ways: tuple[Callable[[], None], ...] = (
        asked.window.answering_again.button.click,
        lambda: asked.work.on_command(Command.STOP),
        asked.window.picker.cancel_requested.emit,
    )
    for cancel in ways:
        again_with(asked, silent)
        assert asked.window.answering_again.text == "silent answers again when it is loaded."
        asked.wait(lambda: models.state.phase is ModelPhase.LOADING and models.state.path == silent)
        assert answer(asked).versions == 1
        cancel()
        asked.wait(lambda: not waits(asked))
        assert unchanged(asked, first)
        assert told(asked) == ""
    asked.ask("And now?")
    assert answer(asked).state is TurnState.FINISHED


def test_a_cancel_that_comes_too_late_gives_no_answer_either(asked: Driver) -> None:
    first, second = (asked.folder / f"{name}.script.json" for name in ("first", "second"))
    worker = psutil.Process(asked.work.session.worker_process_id)
    worker.suspend()
    again_with(asked, second)
    asked.wait(lambda: asked.work.models.state.phase is ModelPhase.LOADING)
    asked.window.answering_again.pressed.emit()
    worker.resume()
    asked.wait(lambda: not waits(asked))
    assert unchanged(asked, first)


def test_a_load_that_fails_says_so_and_the_earlier_model_comes_back(asked: Driver) -> None:
    first = asked.work.models.state.path
    assert first is not None
    broken, damaged = asked.folder / "broken.script.json", asked.folder / "damaged.gguf"
    broken.write_text("no script")  # told by the engine
    damaged.write_bytes(b"nonsense")  # refused before it
    for path, code in ((broken, "model-file"), (damaged, "gguf")):
        again_with(asked, path)
        asked.wait(lambda: told(asked) != "")
        assert told(asked) == error_text(code).title
        assert unchanged(asked, first)
        asked.window.message_bar.close_message()


def test_a_model_that_is_too_large_answers_when_it_is_loaded_anyway(
    asked: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusal: Future[None] = Future()
    refusal.set_exception(ModelTooLargeError("needs 9 GB of 1 GB"))
    monkeypatch.setattr(asked.work.models, "_check", lambda _path: refusal)
    again_with(asked, asked.folder / "second.script.json")
    asked.wait(lambda: told(asked) != "")
    monkeypatch.undo()
    assert answer(asked).versions == 1
    message = asked.window.message_bar.message
    assert message is not None
    assert message.act is not None
    message.act()
    asked.wait(lambda: answer(asked).versions == 2 and answer(asked).state is TurnState.FINISHED)


def test_the_answer_is_given_where_it_was_asked_for(asked: Driver, silent: Path) -> None:
    conversation_id = asked.chat.visible_id
    assert conversation_id is not None
    message_id = answer(asked).message_id
    again_with(asked, silent)
    asked.work.on_command(Command.NEW_CONVERSATION)
    second = asked.folder / "second.script.json"
    asked.work.versions.another_model.answer(conversation_id, message_id, second)
    asked.wait(lambda: not waits(asked))
    asked.wait(lambda: not asked.chat.busy)
    assert asked.chat.visible_id is None
    assert not asked.chat.turns()
    asked.chat.open_conversation(conversation_id)
    asked.wait(lambda: len(asked.chat.turns()) == 2)
    assert (answer(asked).versions, answer(asked).state) == (2, TurnState.FINISHED)


def test_what_is_chosen_or_deleted_meanwhile_counts(asked: Driver, silent: Path) -> None:
    conversation_id, models = asked.chat.visible_id, asked.work.models
    assert conversation_id is not None
    again_with(asked, silent)
    asked.wait(lambda: models.state.phase is ModelPhase.LOADING)
    second = asked.folder / "second.script.json"
    asked.work.open_file(second)
    assert not waits(asked)
    asked.wait(lambda: models.state.path == second and models.state.takes_questions)
    assert answer(asked).versions == 1
    again_with(asked, silent)
    asked.chat.delete_conversations([conversation_id])
    assert not waits(asked)


def test_a_model_chosen_for_an_answer_that_is_out_of_sight_is_not_loaded(asked: Driver) -> None:
    actions(asked).another_action.trigger()
    asked.window.picker.hide()
    asked.chat.new_conversation()
    asked.ask("How many now?", attempts=4)
    loaded = asked.work.models.state.path
    asked.window.picker.answerer_chosen.emit(str(builtin_models()[SMALL]))
    assert unchanged(asked, loaded or Path())
