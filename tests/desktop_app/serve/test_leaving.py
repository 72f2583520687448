"""A client that leaves takes its question along, wherever it is; a server that ends says so."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import socket
from typing import Any
from urllib.parse import urlsplit

import httpx2
import openai
import pytest

from desktop_app.serve.desk import Desk, Ticket
from engine.budget import Budget
from engine.protocol import DeliberationFailed, DeliberationStarted, VerdictReached
from engine.session import AskRequest
from engine.verdict import StoppedWhy
from tests.desktop_app.serve.api_place import (
    HOLD,
    PATIENCE_SECONDS,
    QUESTION,
    VOTE,
    ApiPlace,
    Engine,
    Serve,
)


def raw_request(place: ApiPlace, **fields: Any) -> socket.socket:
    """Send a question on a bare connection, which can be cut at any moment."""
    address = urlsplit(place.server.address)
    connection = socket.create_connection((address.hostname, address.port), PATIENCE_SECONDS)
    send_question(connection, address.netloc, samples=2, **fields)
    return connection


def send_question(connection: socket.socket, host: str, **fields: Any) -> None:
    """Send a question."""
    body = json.dumps({"messages": QUESTION, **fields}).encode()
    head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: {host}\r\n"
    connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)


@pytest.mark.parametrize("stream", [True, False])
def test_who_leaves_while_it_is_thought_about_cancels_it(serve: Serve, stream: bool) -> None:  # noqa: FBT001
    with serve([HOLD], at_once=1) as place:
        connection = raw_request(place, stream=stream)
        started = place.await_event(DeliberationStarted)
        connection.close()
        reached = place.await_event(VerdictReached)
        record = place.journal.deliberation(started.deliberation_id).result(PATIENCE_SECONDS)
        place.await_state(lambda state: bool(state.running))
        place.await_state(lambda state: not state.running)
    assert reached.deliberation_id == started.deliberation_id
    assert reached.verdict.stopped is StoppedWhy.CANCELLED
    assert record is not None
    assert record.verdict == reached.verdict


@pytest.mark.parametrize("turns", range(4))
def test_who_leaves_in_the_moment_of_news_is_heard(engine: Engine, turns: int) -> None:
    ticket = Ticket(AskRequest("d", (), "vote", Budget(1)), Desk(engine.session))

    async def leave_while_told() -> None:
        waiting = asyncio.ensure_future(ticket.news(PATIENCE_SECONDS))
        for _ in range(3):
            await asyncio.sleep(0)
        ticket.tell(DeliberationFailed("d", "x", ""))
        for _ in range(turns):
            await asyncio.sleep(0)
        if waiting.cancel():  # it had not ended yet
            with pytest.raises(asyncio.CancelledError):
                await waiting

    asyncio.run(leave_while_told())


def test_who_said_more_than_it_asked_is_heard_leaving(serve: Serve) -> None:
    with serve([HOLD], at_once=1) as place:
        connection = raw_request(place)
        place.await_event(DeliberationStarted)
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        connection.close()
        reached = place.await_event(VerdictReached)
    assert reached.verdict.stopped is StoppedWhy.CANCELLED


def test_who_leaves_while_asking_is_no_error(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    with serve(VOTE) as place:
        address = urlsplit(place.server.address)
        for body in (b"", b'{"messages": ['):
            with socket.create_connection((address.hostname, address.port)) as connection:
                head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: {address.netloc}\r\n"
                connection.sendall(f"{head}Content-Length: 900\r\n\r\n".encode() + body)
        with place.client() as client:  # heard after those
            client.chat.completions.create(model="ponder", messages=QUESTION)
    assert [record.name for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_the_real_client_closing_its_stream_cancels_it(serve: Serve) -> None:
    with serve([HOLD]) as place, place.client() as client:
        with client.chat.completions.create(
            model="ponder", messages=QUESTION, stream=True, extra_body={"samples": 1}
        ) as stream:
            next(chunk for chunk in stream if chunk.choices[0].delta.content)
        reached = place.await_event(VerdictReached)
    assert reached.verdict.stopped is StoppedWhy.CANCELLED


@pytest.mark.parametrize("stream", [True, False])
def test_who_leaves_the_queue_is_never_asked(serve: Serve, stream: bool) -> None:  # noqa: FBT001
    with serve([HOLD, HOLD, *VOTE], at_once=1) as place:
        first = raw_request(place)
        running = place.await_event(DeliberationStarted).deliberation_id
        second = raw_request(place, stream=stream)
        place.await_state(lambda state: state.waiting == 1)
        second.close()
        state = place.await_state(lambda state: state.waiting == 0)
        assert [request.deliberation_id for request in state.running] == [running]
        third = raw_request(place)
        place.await_state(lambda state: state.waiting == 1)
        first.close()
        place.await_state(lambda state: not state.running and not state.waiting)
        third.close()
        ids = []
        while not place.events.empty():
            event = place.events.get()
            if isinstance(event, DeliberationStarted):
                ids.append(event.deliberation_id)
    assert len(ids) == 1  # the third alone: the first was read above


def test_a_full_queue_is_429_and_says_when_to_come_back(serve: Serve) -> None:
    with (
        serve([HOLD], at_once=1, queue=1) as place,
        raw_request(place),
        raw_request(place),
        place.client() as client,
    ):
        place.await_state(lambda state: state.waiting == 1)
        with pytest.raises(openai.RateLimitError) as caught:
            client.chat.completions.create(model="ponder", messages=QUESTION)
    assert caught.value.code == "serve-full"
    assert caught.value.type == "rate_limit_error"
    assert 1 <= int(caught.value.response.headers["retry-after"]) <= 60


def test_a_queued_stream_says_how_many_are_before_it(serve: Serve) -> None:
    with serve([HOLD], at_once=1) as place, raw_request(place), raw_request(place):
        place.await_state(lambda state: state.waiting == 1)
        url = f"{place.server.address}/chat/completions"
        body = {"messages": QUESTION, "stream": True}
        with httpx2.stream("POST", url, json=body) as stream:
            told = (line for line in stream.iter_lines() if '"state"' in line)
            progress = json.loads(next(told).removeprefix("data: "))["ponder"]
    assert (progress["state"], progress["before"]) == ("queued", 1)


def test_a_server_that_ends_tells_those_who_wait(serve: Serve) -> None:
    with serve([HOLD], at_once=1) as place:
        running, waiting = raw_request(place), raw_request(place, stream=True)
        place.await_state(lambda state: state.waiting == 1)
        place.server.close()
        told = []
        for connection in (running, waiting):
            with connection, connection.makefile("rb") as answer:
                told.append(answer.read())
        reached = place.await_event(VerdictReached)
    assert b" 503 " in told[0].splitlines()[0]
    assert all(b"serve-stopping" in text for text in told)
    assert reached.verdict.stopped is StoppedWhy.CANCELLED


@pytest.mark.expects_log
def test_a_server_that_ends_does_not_wait_for_who_does_not_read(serve: Serve) -> None:
    with serve([{"text": "w" * 3_000_000}], at_once=1) as place:
        address = urlsplit(place.server.address)
        with socket.socket() as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.connect((address.hostname, address.port))
            send_question(connection, address.netloc, stream=True)
            place.await_event(VerdictReached)
            place.server.close()
            # with so little room the system would send on in small parts, with ever longer pauses
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_000_000)
            with connection.makefile("rb") as answer:
                assert b"[DONE]" not in answer.read()
    gc.collect()  # what was left open would warn now, which fails the test
