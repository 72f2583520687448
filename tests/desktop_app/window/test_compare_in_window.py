"""Versions of an answer in the window: compared, chosen, and still being thought about."""

from __future__ import annotations

from desktop_app.chat.transcript_actions import ActionRow
from desktop_app.chat.turn import TurnState
from desktop_app.window.shortcuts import Command
from tests.desktop_app.window_driver import VOTE, Driver

THIRD = [*VOTE, *VOTE[:2], {"text": "I think.", "hold": True}]


def compare(driver: Driver) -> None:
    rows = driver.window.transcript.findChildren(ActionRow)
    next(row for row in rows if row.compare_action.isVisible()).compare_action.trigger()


def test_a_version_is_chosen_beside_the_others(driver: Driver) -> None:
    driver.load(THIRD, "first")
    driver.ask("How many?", attempts=4)
    driver.settle()
    rows = driver.window.transcript.findChildren(ActionRow)
    assert not any(row.compare_action.isVisible() for row in rows)
    compared = driver.work.versions
    driver.slide(2)
    driver.work.on_command(Command.REGENERATE)
    driver.wait(lambda: not driver.chat.busy)
    first, second = driver.chat.versions(driver.chat.turns()[1].message_id)
    assert (first.spent, second.spent) == ("Vote, up to 4 samples", "Vote, up to 2 samples")
    assert (first.model, first.votes, second.shown) == ("first", "3 of 4 agree", True)
    assert first.tokens
    assert second.votes == "no majority in 2 samples"
    assert "No majority" in second.text
    compare(driver)
    assert compared.dialog is not None
    compared.dialog.columns[0].use.click()
    assert compared.dialog is None
    turn = driver.chat.turns()[1]
    assert (turn.version, turn.text) == (1, "I count.\nAnswer: 4")
    driver.wait(lambda: driver.listed()[0].leaf_id == turn.message_id)
    (listed,) = driver.listed()
    driver.chat.new_conversation()
    driver.settle()
    driver.chat.open_conversation(listed.conversation_id, listed.leaf_id)
    driver.wait(lambda: len(driver.chat.turns()) == 2)
    assert driver.chat.turns()[1].version == 1, "it is remembered"
    driver.slide(1)
    driver.work.on_command(Command.REGENERATE)
    driver.wait(lambda: driver.chat.turns()[1].text == "I think.")
    compare(driver)
    assert compared.dialog is not None
    running = compared.dialog.columns[2]
    assert running.page.view.toPlainText() == "This version is still being thought about."
    driver.chat.stop()
    driver.wait(lambda: driver.chat.turns()[1].state is TurnState.FINISHED)
    driver.wait(lambda: running.page.view.toPlainText() == "I think.")
    compared.dialog.reject()
    assert compared.dialog is None
