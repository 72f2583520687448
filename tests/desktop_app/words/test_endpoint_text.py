"""What is said of servers."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from desktop_app.words.endpoint_text import (
    endpoint_facts,
    ran_elsewhere,
    runs_elsewhere,
    servers_text,
    trouble_text,
)
from engine.generation import EndpointReport
from tests.desktop_app.remote_reports import DOWN, HERE, THERE, remote_report
from tests.desktop_app.thinking.deliberations import candidate


def test_where_an_engine_runs_is_counted_or_named() -> None:
    assert servers_text(remote_report(HERE)) == "127.0.0.1:8080"
    assert servers_text(remote_report(HERE, THERE)) == "2 servers"
    assert servers_text(remote_report(HERE, THERE, DOWN)) == "2 of 3 servers"
    assert servers_text(remote_report()) == ""


def test_a_server_is_told_with_what_it_can_and_cannot_do() -> None:
    assert endpoint_facts(HERE) == [
        "llama-server", "qwen", "16 side by side", "several candidates a request",
        "tells confidence",
    ]  # fmt: skip
    assert endpoint_facts(THERE)[-2:] == ["one candidate a request", "no confidence"]


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        ("far:1: HTTP 401", "The server refused the key (HTTP 401). Give the right"),
        ("far:1: HTTP 404", "The server does not know this address or model (HTTP 404). "),
        ("far:1: HTTP 429", "The server is busy (HTTP 429). "),
        ("far:1: HTTP 422", "The server refused the request (HTTP 422). "),
        ("far:1: HTTP 503", "The server failed (HTTP 503). "),
        ("far:1: HTTP 302, it sends elsewhere", "The server's answer makes no sense (HTTP 302, "),
        ("far:1: no connection", "not used: no connection"),
        ("", "not used: it did not answer"),
    ],
)
def test_trouble_is_put_into_words(trouble: str, said: str) -> None:
    endpoint: EndpointReport = replace(DOWN, name="far:1", trouble=trouble)
    assert trouble_text(endpoint).startswith(said)
    assert endpoint_facts(endpoint) == [trouble_text(endpoint)]


def test_only_other_machines_are_elsewhere() -> None:
    assert not runs_elsewhere(None)
    assert not runs_elsewhere(remote_report(HERE))
    assert runs_elsewhere(remote_report(HERE, THERE))
    local = replace(candidate(0, "4"), machine="127.0.0.1:8080")
    assert not ran_elsewhere([local, candidate(1, "4")])
    assert ran_elsewhere([local, replace(local, machine="gpu-2:8000")])
