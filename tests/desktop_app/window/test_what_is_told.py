"""A model is told what it said, never what Ponder says in an answer's place."""

from __future__ import annotations

import pytest

from desktop_app.chat.transcript_figures import agreement
from desktop_app.chat.turn import Role
from engine.generation import Message
from tests.desktop_app.window_driver import HOLD, VOTE, Driver

TIE = [{"text": "Answer: 4"}, {"text": "Answer: 5"}]


def told(driver: Driver, question: str) -> list[Message]:
    """What the model is told when another question is asked."""
    driver.ask(question, attempts=2)
    asked = next(t for t in reversed(driver.chat.turns()) if t.role is Role.USER)
    return list(driver.chat.context_for(asked.message_id))


def exported(driver: Driver) -> str:
    driver.settle()
    return driver.journal.export_markdown(driver.chat.visible_id or "", None).result()


def test_a_tie_is_no_answer_of_the_model_until_one_is_chosen(driver: Driver) -> None:
    driver.load(TIE)
    driver.ask("How many?", attempts=2)
    answer = driver.chat.turns()[1]
    assert answer.text.startswith("No majority")
    assert told(driver, "And now?") == [Message("user", "And now?")]
    assert "No majority" not in exported(driver)
    driver.chat.promote(answer.message_id, 0)
    assert told(driver, "And then?")[:2] == [
        Message("user", "How many?"),
        Message("assistant", "Answer: 4"),
    ]


def test_an_answer_that_was_stopped_before_a_word_is_none(driver: Driver) -> None:
    driver.load([{"text": "", "hold": True}])
    driver.slide(1)
    driver.write("How many?")
    driver.wait(lambda: driver.work.session is not None and driver.chat.busy)
    driver.wait(lambda: bool(driver.window.panel.view and driver.window.panel.view.candidates))
    driver.chat.stop()
    driver.wait(lambda: not driver.chat.busy)
    assert driver.chat.turns()[1].text == "Stopped before anything was written."
    driver.load(VOTE)
    assert told(driver, "And now?") == [Message("user", "And now?")]


def test_what_was_recorded_of_ponder_itself_is_not_told_either(driver: Driver) -> None:
    driver.load(TIE)
    driver.ask("How many?", attempts=2)
    answer = driver.chat.turns()[1]
    conversation_id = driver.chat.visible_id or ""
    driver.journal.update_message(answer.message_id, "No majority: 4, 5 …").result()
    driver.chat.new_conversation()
    driver.chat.open_conversation(conversation_id)
    driver.wait(lambda: bool(driver.chat.turns()))
    assert told(driver, "And now?") == [Message("user", "And now?")]


@pytest.mark.parametrize("again", ["edit", "regenerate"])
def test_what_an_edit_replaces_is_not_thought_about_any_longer(driver: Driver, again: str) -> None:
    said = [{"text": "Answer: 4"}] * 6
    driver.load([*said[:2], HOLD[1], *said])
    driver.ask("Which?", attempts=1)
    first, answer = driver.chat.turns()
    driver.slide(2)
    driver.write("And this?")
    driver.wait(lambda: bool(driver.chat.turns()[3].text))
    if again == "edit":
        driver.chat.edit_and_resend(driver.chat.turns()[2].message_id, "And that?")
    else:
        driver.chat.regenerate(answer.message_id)
    driver.wait(lambda: not driver.chat.busy)
    assert driver.chat.turns()[-1].text == "Answer: 4"
    assert first.message_id == driver.chat.turns()[0].message_id


def test_an_answer_on_its_way_says_how_it_stands(driver: Driver) -> None:
    lines = [{"text": "Answer: 4"}, {"text": "Answer: 4"}, {"text": "Answer: 5"}]
    driver.load([*lines, {"text": "I keep on thinking", "hold": True}])
    driver.slide(8)
    driver.write("How many?")

    def told() -> str:
        so_far = driver.window.transcript.turns()[-1].so_far
        return "" if so_far is None else agreement(so_far).text

    driver.wait(lambda: told() == "4 of 6 agree so far")
    so_far = driver.window.transcript.turns()[-1].so_far
    assert so_far is not None
    assert so_far.under_way == 2
    driver.chat.answer_now()
    driver.wait(lambda: not driver.chat.busy)
    turn = driver.window.transcript.turns()[-1]
    assert turn.so_far is None
    assert turn.evidence is not None
