"""Connections that say nothing, or say it slowly, keep nobody else waiting and are let go."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx2
import pytest

from desktop_app.serve.opening import ServeOptions
from desktop_app.serve.server import most_connections
from engine.protocol import DeliberationStarted, VerdictReached
from tests.desktop_app.serve.api_place import (
    HOLD,
    PATIENCE_SECONDS,
    QUESTION,
    VOTE,
    ApiPlace,
    Serve,
)
from tests.desktop_app.serve.test_leaving import raw_request, send_question

SHORT = 0.2
HEAD = b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900\r\n\r\n"


@contextlib.contextmanager
def connections(place: ApiPlace, count: int) -> Iterator[list[socket.socket]]:
    """So many connections, which ask for nothing."""
    address = urlsplit(place.server.address)
    with contextlib.ExitStack() as stack:
        yield [
            stack.enter_context(
                socket.create_connection((address.hostname, address.port), PATIENCE_SECONDS)
            )
            for _ in range(count)
        ]


def asked(place: ApiPlace) -> int:
    body = {"messages": QUESTION, "samples": 1}
    return httpx2.post(
        f"{place.server.address}/chat/completions", json=body, timeout=PATIENCE_SECONDS
    ).status_code


def test_of_too_many_connections_the_one_goes_that_asked_for_nothing_longest(serve: Serve) -> None:
    with serve(VOTE, at_once=1, queue=0) as place:
        most = most_connections(ServeOptions(at_once=1, queue=0))
        with connections(place, most + 1) as idle:
            assert b"serve-connections" in idle[0].recv(4096)
            assert asked(place) == 200
            idle[-1].sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert b" 200 " in idle[-1].recv(4096)


def test_who_is_being_answered_is_never_sent_away(serve: Serve) -> None:
    with serve([HOLD], at_once=1, queue=1) as place, raw_request(place) as asking:
        started = place.await_event(DeliberationStarted)
        with connections(place, most_connections(ServeOptions(at_once=1, queue=1)) + 5) as idle:
            assert b"serve-connections" in idle[0].recv(4096)
            place.session.answer_now(started.deliberation_id)
            assert b" 200 " in asking.recv(4096)


@pytest.mark.parametrize("said", [b"", b"POST /v1/ch", HEAD, HEAD + b'{"messages": ['])
def test_a_request_that_does_not_arrive_in_time_is_let_go(serve: Serve, said: bytes) -> None:
    with serve(VOTE, patience_seconds=SHORT) as place, connections(place, 1) as (slow,):
        slow.sendall(said)
        with slow.makefile("rb") as answer:
            assert b"request_timeout" in answer.read()
        assert asked(place) == 200


def test_an_answer_may_take_longer_than_its_question(serve: Serve) -> None:
    with serve([HOLD], patience_seconds=SHORT) as place, raw_request(place) as asking:
        started = place.await_event(DeliberationStarted)
        with connections(place, 1) as (later,):
            assert b"request_timeout" in later.recv(4096)  # its time is over, and so is the other's
        place.session.answer_now(started.deliberation_id)
        assert b" 200 " in asking.recv(4096)


def test_who_does_not_read_is_let_go(serve: Serve) -> None:
    lines = [{"text": "w" * 3_000_000}, *VOTE]
    with serve(lines, at_once=1, patience_seconds=SHORT) as place:
        address = urlsplit(place.server.address)
        with socket.socket() as deaf:
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            deaf.connect((address.hostname, address.port))
            send_question(deaf, address.netloc, stream=True, samples=1)
            place.await_event(VerdictReached)
            for _ in range(2):  # each as long as it may be deaf
                with connections(place, 1) as (clock,):
                    assert b"request_timeout" in clock.recv(4096)
            with deaf.makefile("rb") as answer, contextlib.suppress(ConnectionResetError):
                assert b"[DONE]" not in answer.read()


def test_fewer_connections_are_taken_than_files_may_be_open() -> None:
    resource = pytest.importorskip("resource")
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert most_connections(ServeOptions(queue=10**6)) <= files // 2
    assert most_connections(ServeOptions(at_once=8, queue=64)) > 72
