"""The API in the window: one engine for both, what it thinks about shown, an end that is clean."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import httpx2
import pytest
from PySide6.QtWidgets import QMessageBox

from desktop_app.window.leaving import work_under_way
from desktop_app.window.shortcuts import Command
from tests.desktop_app.window_driver import HOLD, VOTE, Driver

PATIENCE_SECONDS = 60


def question_of(driver: Driver) -> QMessageBox:
    """What is asked before an API is served."""
    found = [box for box in driver.window.findChildren(QMessageBox) if box.isVisible()]
    assert len(found) == 1
    return found[0]


def serve(driver: Driver) -> None:
    """Ask for the API and agree."""
    driver.work.on_command(Command.API)
    question_of(driver).accept()


@pytest.fixture
def serving(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> Driver:
    """A window that serves its engine."""
    monkeypatch.delenv("PONDER_API_TOKEN", raising=False)
    monkeypatch.setattr("desktop_app.serve.api_token.kept_key", lambda _place: None)
    driver.work.api.port = 0
    serve(driver)
    driver.wait(lambda: bool(driver.work.api.address))
    return driver


@pytest.fixture
def asker() -> Iterator[Callable[[Driver], Future[httpx2.Response]]]:
    with ThreadPoolExecutor(1) as pool:

        def ask(driver: Driver) -> Future[httpx2.Response]:
            url = f"{driver.work.api.address}/chat/completions"
            body = {"messages": [{"role": "user", "content": "How many?"}], "samples": 2}
            return pool.submit(httpx2.post, url, json=body, timeout=PATIENCE_SECONDS)

        yield ask


Asker = Callable[[Driver], Future[httpx2.Response]]


def test_a_question_of_the_api_is_seen_live_and_cannot_be_chosen_in(
    serving: Driver, asker: Asker
) -> None:
    serving.load(HOLD)
    row = serving.window.api_row
    serving.wait(lambda: serving.work.api.address in row.text)
    reply = asker(serving)
    serving.wait(lambda: "1 under way, 0 waiting" in row.text)
    assert row.text.endswith("How many?")
    row.show_button.click()
    view = serving.window.panel.view
    assert view is not None
    serving.wait(lambda: len(view.candidates) == 2 and view.candidates[1].response != "")
    assert view.read_only
    assert not serving.chat.busy
    serving.work.session.answer_now(view.deliberation_id)
    assert reply.result(PATIENCE_SECONDS).json()["ponder"]["answer"] == "4"
    serving.wait(lambda: view.verdict is not None)
    assert not view.can_prefer(0)
    serving.wait(lambda: serving.work.api.address in row.text)
    assert not row.show_button.isEnabled()


def test_window_and_api_think_side_by_side_with_one_model(serving: Driver, asker: Asker) -> None:
    serving.load([*HOLD, *VOTE])
    reply = asker(serving)
    serving.wait(lambda: "under way" in serving.window.api_row.text)
    serving.window.api_row.show_button.click()
    api_view = serving.window.panel.view
    serving.ask("How many here?")
    assert serving.window.panel.view is not api_view
    assert serving.chat.last_answer_text
    assert not reply.done()
    assert api_view is not None
    serving.work.session.answer_now(api_view.deliberation_id)
    energy = reply.result(PATIENCE_SECONDS).json()["ponder"]["energy"]
    assert energy["alone"] is False


def test_ending_it_cancels_what_it_thinks_about(serving: Driver, asker: Asker) -> None:
    serving.load(HOLD)
    reply = asker(serving)
    serving.wait(lambda: "under way" in serving.window.api_row.text)
    serving.window.api_row.end_button.click()
    serving.wait(lambda: not serving.window.api_row.is_on)
    assert reply.result(PATIENCE_SECONDS).json()["error"]["code"] == "serve-stopping"
    assert serving.work.api.address == ""
    serve(serving)
    serving.wait(lambda: bool(serving.work.api.address))


def test_nothing_is_served_before_the_person_has_agreed(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[object] = []
    monkeypatch.setattr(driver.work.api, "_open", lambda: opened.append(driver))
    row = driver.window.api_row
    assert row.button.accessibleDescription() == "off"
    row.button.click()
    question = question_of(driver)
    assert "http://127.0.0.1:8321/v1" in question.text()
    question.button(QMessageBox.StandardButton.Cancel).click()
    driver.settle()
    assert not opened
    assert not row.is_on
    assert not driver.work.api.address


def test_the_row_is_a_switch(serving: Driver) -> None:
    row = serving.window.api_row
    serving.wait(lambda: serving.work.api.address in row.text)
    assert row.button.accessibleDescription() == "on"
    row.button.click()
    serving.wait(lambda: not row.is_on)
    assert row.button.accessibleDescription() == "off"
    assert row.text == ""


def test_quitting_ends_it(serving: Driver, asker: Asker) -> None:
    serving.load(HOLD)
    reply = asker(serving)
    serving.wait(lambda: "under way" in serving.window.api_row.text)
    serving.quit()
    assert reply.result(PATIENCE_SECONDS).status_code == 503


def test_closing_the_window_asks_while_it_is_served(serving: Driver) -> None:
    serving.window.close()
    asked = serving.ponder.leaving.question
    assert asked is not None
    assert asked.text == "The API is served to programs on this computer."
    asked.reject()
    serving.work.on_command(Command.API)
    serving.wait(lambda: not serving.window.api_row.is_on)
    assert work_under_way(serving.work).sentences() == []


def test_a_port_that_is_taken_is_told(driver: Driver) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        driver.work.api.port = other.getsockname()[1]
        serve(driver)
        bar = driver.window.message_bar
        driver.wait(lambda: bar.message is not None)
    assert bar.message is not None
    assert bar.message.title == "The API cannot be served at this address"
    assert not driver.window.api_row.is_on
    assert driver.window.api_row.button.isEnabled()
