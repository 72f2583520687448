"""`ponder models search`, `get` and `token` against a hub on loopback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench.generated_model import TINY, generate_model
from tests.models.hub_server import HubServer

_MEMORY_KEYRING = """
import json, os
from pathlib import Path
from keyring.backend import KeyringBackend

class Keyring(KeyringBackend):
    priority = 1
    path = Path(os.environ["HOME"]) / "keyring.json"

    def _all(self):
        return json.loads(self.path.read_text()) if self.path.exists() else {}

    def get_password(self, service, name):
        return self._all().get(f"{service} {name}")

    def set_password(self, service, name, password):
        self.path.write_text(json.dumps({**self._all(), f"{service} {name}": password}))

    def delete_password(self, service, name):
        rest = {k: v for k, v in self._all().items() if k != f"{service} {name}"}
        self.path.write_text(json.dumps(rest))
"""


class Terminal:
    """A person's terminal with a home, a keyring of their own and a hub."""

    def __init__(self, home: Path, server: HubServer) -> None:
        self.home, self.server = home, server
        (home / "kept_keys.py").write_text(_MEMORY_KEYRING)
        self.environment = os.environ | {
            "PONDER_HOME": str(home / "ponder"),
            "HOME": str(home),
            "HF_HOME": str(home / "hub"),
            "HF_ENDPOINT": server.endpoint,
            "PYTHON_KEYRING_BACKEND": "kept_keys.Keyring",
            "PYTHONPATH": os.pathsep.join([str(home), str(Path(__file__).parents[3])]),
        }

    def run(self, *words: str, given: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "desktop_app", "models", *words],
            capture_output=True,
            text=True,
            input=given,
            timeout=100,
            check=False,
            env=self.environment,
        )

    def told(self, *words: str) -> dict[str, object]:
        done = self.run(*words, "--json")
        assert done.returncode == 0, done.stderr
        answer: dict[str, object] = json.loads(done.stdout)
        return answer


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    tiny = generate_model(tmp_path / "source" / "tiny.gguf", TINY).read_bytes()
    with HubServer() as server:
        server.add("ada/tiny-GGUF", {"tiny-Q4_K_M.gguf": tiny, "tiny-Q8_0.gguf": tiny})
        server.add("bob/other-GGUF", {"other-F16.gguf": tiny}, gated="ada")
        yield Terminal(tmp_path, server)


def test_found_fetched_listed_and_checked(terminal: Terminal) -> None:
    found = terminal.told("search", "tiny")["repositories"]
    assert isinstance(found, list)
    assert [one["name"] for one in found] == ["ada/tiny-GGUF"]
    offered = terminal.told("get", "ada/tiny-GGUF", "--list")["quantizations"]
    assert isinstance(offered, list)
    assert [(one["quantization"], one["recommended"]) for one in offered] == [
        ("Q4_K_M", True),
        ("Q8_0", False),
    ]
    assert all(one["fit"] == "cpu" and one["most_side_by_side"] == 64 for one in offered)
    got = terminal.told("get", "ada/tiny-GGUF")
    assert got["quantization"] == "Q4_K_M"
    assert terminal.told("verify", "tiny-Q4_K_M")["intact"] is True
    asked = terminal.told(
        "get", f"{terminal.server.endpoint}/ada/tiny-GGUF/blob/main/tiny-Q8_0.gguf"
    )
    assert asked["quantization"] == "Q8_0"
    listed = terminal.told("list")["models"]
    assert isinstance(listed, list)
    assert {"tiny-Q4_K_M", "tiny-Q8_0"} <= {row["name"] for row in listed}


def test_a_gated_model_needs_a_token_which_stays_in_the_keyring(terminal: Terminal) -> None:
    refused = terminal.run("get", "bob/other-GGUF:F16")
    assert refused.returncode == 4
    assert "token" in refused.stderr.casefold()
    assert terminal.run("token", given="hf_wrong\n").returncode == 4
    kept = terminal.run("token", given="hf_right\n")
    assert kept.stdout == "the token of ada is kept\n"
    assert terminal.told("get", "bob/other-GGUF:F16")["quantization"] == "F16"
    for file in terminal.home.rglob("*"):
        if file.is_file() and file.name != "keyring.json":
            assert b"hf_right" not in file.read_bytes(), file
    assert terminal.run("token", "--forget").returncode == 0
    assert "hf_right" not in (terminal.home / "keyring.json").read_text()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("get", "nobody/nothing"), 4, "no such"),
        (("get", "not a name"), 4, "no such"),
        (("get", "ada/tiny-GGUF", "--quantization", "Q2_K"), 4, "Q4_K_M"),
        (("search", "--limit", "x"), 2, "--limit: 'x' is no whole number (see"),
    ],
)
def test_what_cannot_be_had_is_said(
    words: tuple[str, ...], code: int, said: str, terminal: Terminal
) -> None:
    done = terminal.run(*words)
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_offline_is_said_at_once(terminal: Terminal) -> None:
    terminal.environment["HF_HUB_OFFLINE"] = "1"
    for words in (("search", "x"), ("get", "ada/tiny-GGUF")):
        done = terminal.run(*words)
        assert done.returncode == 4
        assert "reached" in done.stderr
