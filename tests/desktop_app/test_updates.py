"""Whether there is a newer version: asked on request, where the build or a person says."""

from __future__ import annotations

import gc
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from typing_extensions import override

from desktop_app.settings_pages.about_page import AboutPage
from desktop_app.updates import (
    ADDRESS_VARIABLE,
    Release,
    check_for_updates,
    newest,
    releases_address,
    version_key,
)
from tests.socks_server import SocksServer

Serve = Callable[[object], str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serve a body, as JSON unless it is bytes; the address of each is its own."""
    bodies: dict[str, bytes] = {}

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = bodies.get(self.path)
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        @override
        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()

    def add(body: object) -> str:
        path = f"/{len(bodies)}"
        bodies[path] = body if isinstance(body, bytes) else json.dumps(body).encode()
        return f"http://127.0.0.1:{server.server_port}{path}"

    yield add
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_build_that_names_no_place_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ADDRESS_VARIABLE, raising=False)
    found = check_for_updates("0.1.0")
    assert found.failed
    assert found.text == "No place to ask is set in this build."


def test_the_environment_names_the_place() -> None:
    assert releases_address({ADDRESS_VARIABLE: " http://127.0.0.1:1/r "}) == "http://127.0.0.1:1/r"


def test_a_newer_release_is_named_with_its_page(serve: Serve) -> None:
    place = serve(
        [
            {"tag_name": "v0.9.0", "html_url": "http://127.0.0.1/0.9.0", "body": "text"},
            {"tag_name": "v0.10.0", "html_url": "http://127.0.0.1/0.10.0"},
            {"tag_name": "v2.0.0", "prerelease": True},
            {"tag_name": "v3.0.0", "draft": True},
        ]
    )
    found = check_for_updates("0.9.0", place)
    assert found.newer == "v0.10.0"
    assert "http://127.0.0.1/0.10.0" in found.text


def test_the_newest_version_is_told_as_such(serve: Serve) -> None:
    found = check_for_updates("0.2", serve([{"tag_name": "0.2.0"}]))
    assert (found.newer, found.failed) == ("", False)
    assert found.text == "0.2 is the newest version."


def test_no_release_at_all_is_no_newer_one(serve: Serve) -> None:
    assert not check_for_updates("0.1.0", serve([])).newer


@pytest.mark.parametrize("body", [b"<html>", {"message": "no"}, [{"name": "no tag"}]])
def test_an_answer_that_is_no_list_of_releases_is_told(serve: Serve, body: object) -> None:
    found = check_for_updates("0.1.0", serve(body))
    assert found.failed
    assert "cannot be read" in found.text


def test_a_place_that_does_not_answer_is_told(serve: Serve) -> None:
    missing = serve([]) + "0"
    assert "not reached" in check_for_updates("0.1.0", missing).text
    assert check_for_updates("0.1.0", "no address").failed


@pytest.mark.parametrize(
    ("name", "value"), [("ALL_PROXY", "socks4://127.0.0.1:1"), ("SSL_CERT_FILE", "/nowhere.pem")]
)
def test_a_proxy_or_certificates_of_no_use_are_told(
    name: str, value: str, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    found = check_for_updates("0.1.0", serve([]))
    assert found.failed
    assert "not reached: the proxy or certificates" in found.text


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # httpcore's socket
@pytest.mark.parametrize("speaks", [None, b"HTTP/1.1 400 Bad Request\r\n\r\n"])
def test_releases_are_asked_for_over_a_socks_proxy(
    speaks: bytes | None, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = serve([{"tag_name": "9.0"}])
    with closing(SocksServer({}, speaks=speaks)) as proxy:
        monkeypatch.setenv("ALL_PROXY", proxy.address)
        found = check_for_updates("0.1.0", place)
    gc.collect()
    assert (found.newer, found.failed) == (("9.0", False) if speaks is None else ("", True))


def test_a_build_without_a_version_asks_nobody(serve: Serve) -> None:
    found = check_for_updates(None, serve([{"tag_name": "9.0"}]))
    assert (found.newer, found.failed) == ("", True)


def test_the_settings_ask_when_the_button_is_pressed_and_not_before(
    qtbot: QtBot, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ADDRESS_VARIABLE, serve([{"tag_name": "v99.0", "html_url": "<b>page</b>"}]))
    page = AboutPage()
    qtbot.addWidget(page)
    assert page.answer.text() == ""
    page.check_button.click()
    assert not page.check_button.isEnabled()
    qtbot.waitUntil(page.check_button.isEnabled)
    assert page.answer.text().startswith("v99.0 is newer than")
    assert page.answer.text().endswith("<b>page</b>")
    assert page.answer.textFormat() == Qt.TextFormat.PlainText


def test_versions_are_ordered_by_their_numbers() -> None:
    assert version_key("v1.10") > version_key("1.9.9")
    assert version_key("1.0") == version_key("1")
    assert newest([Release("nightly"), Release("1.2"), Release("1.11")]) == Release("1.11")
