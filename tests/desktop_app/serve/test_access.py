"""Who is let in: this computer alone without a token, and with one whoever has it."""

from __future__ import annotations

import httpx2
import openai
import pytest

from desktop_app.serve.access import is_loopback
from desktop_app.serve.opening import ServeError, ServeOptions
from desktop_app.serve.server import ApiServer
from engine.session import Session
from tests.desktop_app.serve.api_place import QUESTION, VOTE, ApiPlace, Serve

TOKEN = "a long token, made for this"


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True), ("127.9.9.9", True), ("localhost", True), ("::1", True),
        ("[::1]", True), ("0.0.0.0", False), ("::", False), ("192.168.0.7", False),
        ("localhost.evil.example", False), ("", False),
    ],
)  # fmt: skip
def test_what_is_loopback(host: str, loopback: bool) -> None:  # noqa: FBT001 - a table
    assert is_loopback(host) is loopback


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.7", "example.invalid"])
def test_other_computers_need_a_token(host: str) -> None:
    with pytest.raises(ServeError) as caught:
        ApiServer(Session(), ServeOptions(host=host, port=0))
    assert caught.value.code == "serve-open"


def test_with_a_token_any_address_will_do() -> None:
    server = ApiServer(Session(), ServeOptions(host="0.0.0.0", port=0, token=TOKEN))
    assert server.address.startswith("http://0.0.0.0:")
    server.close()


def test_a_port_that_is_taken_is_named() -> None:
    first = ApiServer(Session(), ServeOptions(port=0))
    try:
        port = int(first.address.split(":")[2].split("/")[0])
        with pytest.raises(ServeError) as caught:
            ApiServer(Session(), ServeOptions(port=port))
        assert caught.value.code == "serve-address"
        assert str(port) in caught.value.detail
    finally:
        first.close()


def test_a_wrong_token_is_401_everywhere_but_at_health(serve: Serve) -> None:
    with serve(VOTE, token=TOKEN) as place:
        base = place.server.address
        for given in (None, TOKEN[:-1], f"{TOKEN}x", "ä"):
            headers = [] if given is None else [(b"Authorization", f"Bearer {given}".encode())]
            for method, path in (("GET", "/models"), ("POST", "/chat/completions"), ("GET", "/x")):
                refused = httpx2.request(method, base + path, headers=headers)
                assert refused.status_code == 401
                assert refused.json()["error"]["code"] == "invalid_api_key"
                assert refused.headers["www-authenticate"] == "Bearer"
        assert httpx2.get(base.replace("/v1", "/health")).json() == {"status": "ok"}


def test_who_has_the_token_is_answered(serve: Serve) -> None:
    with serve(VOTE, token=TOKEN) as place:
        with place.client(TOKEN) as client:
            reply = client.chat.completions.create(model="ponder", messages=QUESTION)
        assert reply.choices[0].message.content == "I count.\nAnswer: 4"
        with place.client("another") as stranger, pytest.raises(openai.AuthenticationError):
            stranger.models.list()


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"Host": "evil.example"}, "host_not_allowed"),
        ({"Host": "127.0.0.1.evil.example:8321"}, "host_not_allowed"),
        ({"Host": ""}, "host_not_allowed"),
        ({"Host": "evil.example@127.0.0.1"}, "host_not_allowed"),
        ({"Host": "127.0.0.1#evil.example"}, "host_not_allowed"),
        ({"Origin": "http://127.0.0.1/#evil"}, "origin_not_allowed"),
        ({"Host": "[::1"}, "host_not_allowed"),
        ({"Origin": "https://evil.example"}, "origin_not_allowed"),
        ({"Origin": "null"}, "origin_not_allowed"),
    ],
)
def test_pages_of_other_sites_are_kept_out(
    no_model: ApiPlace, headers: dict[str, str], code: str
) -> None:
    refused = httpx2.get(f"{no_model.server.address}/models", headers=headers)
    assert refused.status_code == 403
    assert refused.json()["error"]["code"] == code


def test_of_several_origins_each_must_be_here(no_model: ApiPlace) -> None:
    headers = [("Origin", "https://evil.example"), ("Origin", "http://localhost:3000")]
    refused = httpx2.get(f"{no_model.server.address}/models", headers=headers)
    assert refused.json()["error"]["code"] == "origin_not_allowed"


@pytest.mark.parametrize("host", ["127.0.0.1", "LOCALHOST:80", "[::1]:8321", "127.9.9.9:"])
def test_this_computer_has_many_names(no_model: ApiPlace, host: str) -> None:
    headers = {"Host": host, "Origin": f"https://{host}"}
    found = httpx2.get(f"{no_model.server.address}/models", headers=headers)
    assert found.status_code == 200


def test_pages_of_this_computer_may_ask_but_get_no_leave_to_read(no_model: ApiPlace) -> None:
    headers = {"Host": "localhost:1", "Origin": "http://localhost:3000"}
    found = httpx2.get(f"{no_model.server.address}/models", headers=headers)
    assert found.status_code == 200
    assert not any(name.startswith("access-control") for name in found.headers)
