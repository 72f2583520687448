"""A file that is refused, gone or cancelled while it is checked takes nothing away."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path

import pytest

from desktop_app.chat.phase import ChatPhase
from desktop_app.chat.turn import TurnState
from desktop_app.error_text import error_text
from desktop_app.library import library_session
from desktop_app.library.model_control import ModelPhase
from desktop_app.window.main_window import CentrePage
from models.builtin import builtin_model_path
from tests.desktop_app.window_driver import VOTE, Driver

HELD = [{"text": "half an answer", "hold": True}]


def told(driver: Driver) -> str:
    message = driver.window.message_bar.message
    return message.title if message is not None else ""


@pytest.fixture
def damaged(tmp_path: Path) -> Path:
    path = tmp_path / "damaged.gguf"
    path.write_bytes(b"nonsense")
    return path


def hold_checks(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> Future[None]:
    """Let the next check go on until the result is given."""
    check: Future[None] = Future()
    monkeypatch.setattr(driver.work.models, "_check", lambda _path: check)
    return check


def test_a_damaged_file_ends_no_answer_and_is_not_remembered(driver: Driver, damaged: Path) -> None:
    path = driver.load(HELD)
    driver.slide(1)
    driver.write("How many?")
    driver.wait(lambda: driver.chat.turns()[1].text == "half an answer")
    driver.work.open_file(damaged)
    driver.wait(lambda: told(driver) != "")
    assert driver.work.models.state.takes_questions
    assert driver.chat.phase is ChatPhase.THINKING
    assert driver.chat.turns()[1].state is TurnState.STREAMING
    assert driver.work.settings.model.path == str(path)
    driver.window.picker.eject_requested.emit()
    driver.wait(lambda: driver.work.models.state.phase is ModelPhase.NO_MODEL)
    driver.wait(lambda: driver.work.session.model is None)


def test_an_entry_whose_file_is_gone_leaves_the_model(driver: Driver, tmp_path: Path) -> None:
    path = driver.load(VOTE)
    driver.window.picker.chosen.emit(str(tmp_path / "gone.gguf"))
    driver.wait(lambda: told(driver) != "")
    assert driver.work.models.state.path == path
    assert driver.work.settings.model.path == str(path)
    driver.ask("How many?")
    assert driver.chat.turns()[1].state is TurnState.FINISHED


def test_a_question_waits_for_the_check_and_is_answered_after_it_is_cancelled(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = driver.load(VOTE)
    check = hold_checks(driver, monkeypatch)
    driver.work.open_file(driver.script(VOTE, "other"))
    driver.slide(4)
    driver.write("How many?")
    assert driver.chat.phase is ChatPhase.QUEUED
    driver.window.picker.cancel_requested.emit()
    driver.wait(lambda: driver.chat.turns()[1].state is TurnState.FINISHED)
    check.set_result(None)
    driver.settle()
    assert driver.work.models.state.path == path
    assert driver.work.settings.model.path == str(path)


def test_an_answer_goes_on_during_the_check_and_ends_for_the_model_that_passed(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver.load(HELD)
    driver.slide(1)
    driver.write("How many?")
    driver.wait(lambda: driver.chat.turns()[1].text == "half an answer")
    check = hold_checks(driver, monkeypatch)
    other = driver.script(VOTE, "other")
    driver.work.open_file(other)
    assert driver.chat.phase is ChatPhase.THINKING
    check.set_result(None)
    driver.wait(lambda: driver.work.models.state.path == other)
    driver.wait(lambda: driver.work.models.state.takes_questions)
    assert driver.chat.turns()[1].text == "half an answer"
    assert driver.work.settings.model.path == str(other)


def test_ejecting_gives_up_the_check_too(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    driver.load(VOTE)
    check = hold_checks(driver, monkeypatch)
    driver.work.open_file(driver.script(VOTE, "other"))
    driver.window.picker.eject_requested.emit()
    driver.wait(lambda: driver.work.models.state.phase is ModelPhase.NO_MODEL)
    check.set_result(None)
    driver.settle()
    assert driver.work.models.state.phase is ModelPhase.NO_MODEL


def test_the_memory_of_the_loaded_model_counts_as_free_during_the_check(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = driver.work.library
    driver.wait(lambda: bool(library.library.models) and library.machine.machine is not None)
    driver.work.open_file(builtin_model_path())
    driver.wait(lambda: driver.work.models.state.takes_questions)
    before = library.machine.machine
    assert before is not None
    hold_checks(driver, monkeypatch)
    driver.work.open_file(driver.script(VOTE))
    assert library.machine.machine == before


def test_the_first_choice_is_made_again_when_its_file_is_damaged(
    driver: Driver, damaged: Path
) -> None:
    driver.work.open_file(damaged)
    driver.wait(lambda: told(driver) != "")
    assert driver.window.page is CentrePage.FIRST_RUN
    assert driver.work.settings.model.path is None


def test_a_split_model_is_weighed_with_all_its_parts(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = [tmp_path / f"big-0000{number}-of-00002.gguf" for number in (1, 2)]
    for part in parts:
        part.write_bytes(builtin_model_path().read_bytes())
    weighed: list[int] = []

    def told_size(_about: object, size_bytes: int, *_rest: object) -> None:
        weighed.append(size_bytes)

    monkeypatch.setattr(library_session, "fitting", told_size)
    driver.wait(lambda: driver.work.library.machine.machine is not None)
    driver.work.library.check(parts[0]).result()
    assert weighed == [2 * builtin_model_path().stat().st_size]
    parts[1].unlink()
    driver.work.open_file(parts[0])
    driver.wait(lambda: told(driver) == error_text("models-folder").title)
