"""`ponder engines`, and an engine elsewhere under `ask`: real workers, servers on loopback."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backends import fail

from tests.desktop_app.cli.terminal import ponder
from tests.desktop_app.kept_keys import kept_keys
from tests.engine.backends.remote.chat_server import ChatServer

KEY = "sk-only-for-the-keyring"


class Terminal:
    """A person's terminal."""

    def __init__(self, home: Path, kept: Callable[[], dict[str, str]]) -> None:
        self.home, self.kept = home, kept

    def run(self, *words: str, given: str = "") -> subprocess.CompletedProcess[str]:
        return ponder(*words, home=self.home, given=given)

    def said(self, *words: str, given: str = "") -> str:
        done = self.run(*words, given=given)
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    with kept_keys(tmp_path / "keys.json", monkeypatch) as kept:
        yield Terminal(tmp_path / "home", kept)


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with ChatServer(("4", "5", "4", "4")) as server:
        yield server


def test_saved_listed_tested_used_and_removed(terminal: Terminal, server: ChatServer) -> None:
    server.n = True
    assert "saved as pool" in terminal.said("engines", "add", "pool", server.address)
    listed = json.loads(terminal.said("engines", "list", "--json"))["engines"]
    assert [(one["name"], len(one["servers"])) for one in listed] == [("pool", 1)]
    tested = terminal.said("engines", "test", "Pool")
    label = server.address.removeprefix("http://").removesuffix("/v1")
    assert tested.startswith(f"{label}: m, 4 side by side, several candidates a request")
    asked = terminal.said("ask", "How many?", "--model", "pool", "--full-budget", "--samples", "4")
    lines = asked.splitlines()
    assert lines[0] == f"pool · {label} · vote, up to 4 samples"
    assert sum(line.endswith(f"on {label}") for line in lines) == 4
    assert "this computer only" not in asked
    assert "pool is deleted" in terminal.said("engines", "remove", "pool")
    assert terminal.said("engines", "list") == "no engines\n"
    assert list((terminal.home / "data" / "engines").iterdir()) == []


def test_json_names_machines_and_claims_no_layers(terminal: Terminal, server: ChatServer) -> None:
    terminal.said("engines", "add", "pool", server.address)
    report = json.loads(
        terminal.said("ask", "q", "--model", "pool", "--samples", "2", "--full-budget", "--json")
    )
    label = server.address.removeprefix("http://").removesuffix("/v1")
    assert [one["machine"] for one in report["candidates"]] == [label, label]
    assert report["model"]["layers"] is None
    assert report["model"]["context_tokens"] is None
    assert [one["name"] for one in report["model"]["servers"]] == [label]
    assert report["energy"]["this_computer_only"] is False


def test_a_key_is_read_from_standard_input_and_goes_to_its_server_alone(
    terminal: Terminal, server: ChatServer
) -> None:
    server.key = KEY
    terminal.said("engines", "add", "pool", server.address)
    refused = terminal.run("engines", "test", "pool")
    assert refused.returncode == 4
    assert "refused the key" in refused.stderr
    assert terminal.said("engines", "key", server.address, given=f"{KEY}\n").endswith("is kept\n")
    assert terminal.kept() == {server.address: KEY}
    assert "side by side" in terminal.said("engines", "test", "pool")
    assert json.loads(terminal.said("engines", "list", "--json"))["engines"][0]["servers"][0][
        "key_kept"
    ]
    for file in terminal.home.rglob("*"):
        if file.is_file():
            assert KEY.encode() not in file.read_bytes(), file
    terminal.said("engines", "key", server.address, "--forget")
    assert terminal.kept() == {}


def test_a_server_that_is_away_is_told_beside_one_that_is_not(
    terminal: Terminal, server: ChatServer
) -> None:
    terminal.said("engines", "add", "pool", server.address, "127.0.0.1:1")
    lines = terminal.said("engines", "test", "pool").splitlines()
    assert "side by side" in lines[0]
    assert lines[1].startswith("127.0.0.1:1: ")
    assert "no connection" in lines[1]


def test_a_damaged_one_is_listed_and_refused(terminal: Terminal) -> None:
    terminal.said("engines", "add", "pool", "127.0.0.1:8080")
    (terminal.home / "data" / "engines" / "pool.engine.json").write_text("{")
    assert "unusable" in terminal.said("engines", "list")
    for words in (("engines", "test", "pool"), ("ask", "q", "--model", "pool")):
        done = terminal.run(*words)
        assert done.returncode == 3
        assert done.stderr.startswith("ponder: This describes no engine")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("add", "a/b", "127.0.0.1:1"), 2, "cannot be used"),
        (("add", "pool", "ftp://x"), 2, "http://"),
        (("add", "pool", "http://user:pw@x"), 2, "keyring"),
        (("add", "pool", "127.0.0.1:1", "--slots", "0"), 2, "--slots"),
        (("test", "pool"), 3, "No engine has this name"),
        (("remove", "pool"), 3, "No engine has this name"),
        (("key", "ftp://x"), 2, "http://"),
        (("key", "127.0.0.1:1"), 2, "no key"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    words: tuple[str, ...], code: int, said: str, terminal: Terminal
) -> None:
    done = terminal.run("engines", *words)
    assert done.returncode == code
    assert done.stderr.startswith("ponder: ")
    assert done.stderr.count("\n") == 1
    assert said in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("engines", "key", "127.0.0.1:1"), "The key was not kept"),
        (("engines", "key", "127.0.0.1:1", "--forget"), "Nothing was deleted"),
        (("models", "token", "--forget"), "Nothing was deleted"),
        (("serve", "--set-token"), "The token was not kept"),
        (("serve", "--forget-token"), "Nothing was deleted"),
    ],
)
def test_without_a_keyring_it_is_said_what_did_not_happen(
    words: tuple[str, ...], said: str, terminal: Terminal
) -> None:
    keyring.set_keyring(fail.Keyring())  # type: ignore[no-untyped-call]
    done = terminal.run(*words, given="secret\n")
    assert done.returncode == 2
    assert done.stderr.startswith(f"ponder: {said}")
    assert "HF_TOKEN" not in done.stderr


def test_doctor_lists_them(terminal: Terminal) -> None:
    terminal.said("engines", "add", "pool", "127.0.0.1:8080")
    sections = json.loads(terminal.run("doctor", "--json").stdout)
    assert sections["engines elsewhere"] == {"pool": "http://127.0.0.1:8080/v1"}
