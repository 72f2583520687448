"""`ponder serve` as a person runs it: a real process, the real client, an end by a signal."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

import msgspec
import openai
import pytest

from desktop_app.cli.main import run_command
from desktop_app.cli.thinking import ThinkingError
from desktop_app.folders import folders
from desktop_app.settings import Settings, save_settings
from engine.budget import Budget
from engine.generation import LoadOptions, Sampling
from engine.journal.journal import Journal
from engine.journal.records import DeliberationRecord, now
from engine.keys import KeyStoreError
from engine.session import Session
from tests.desktop_app.cli.test_models_hub import _MEMORY_KEYRING

ROOT = Path(__file__).parents[3]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A home and a keyring of their own."""
    (tmp_path / "kept_keys.py").write_text(_MEMORY_KEYRING)
    known = {name: text for name, text in os.environ.items() if name != "PONDER_API_TOKEN"}
    return known | {
        "HOME": str(tmp_path),
        "PYTHON_KEYRING_BACKEND": "kept_keys.Keyring",
        "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)]),
    }


@pytest.fixture
def script(tmp_path: Path) -> str:
    path = tmp_path / "serve.script.json"
    path.write_text(json.dumps({"lines": [{"text": "Answer: 4"}]}))
    return str(path)


def ponder_serve(
    *words: str, environment: dict[str, str], given: str = ""
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "desktop_app", "serve", *words],
        input=given,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        env=environment,
    )


@pytest.fixture
def serving(script: str, environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-m", "desktop_app", "serve", "--model", script, "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment | {"PONDER_API_TOKEN": "rowan"},
    ) as process:
        yield process
        process.kill()


@pytest.mark.skipif(os.name == "nt", reason="no signal that ends a process gently")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_answers_records_and_ends_when_told(
    serving: subprocess.Popen[str], number: signal.Signals
) -> None:
    assert serving.stdout is not None
    said = serving.stdout.readline()
    assert said.startswith("serve answers at http://127.0.0.1:")
    address = said.split()[3]
    with openai.OpenAI(base_url=address, api_key="rowan", max_retries=0) as client:
        reply = client.chat.completions.create(
            model="serve", messages=[{"role": "user", "content": "How many?"}]
        )
    serving.send_signal(number)
    out, err = serving.communicate(timeout=60)
    assert serving.returncode == 0, err
    assert (out, err) == ("", "")
    assert reply.choices[0].message.content == "Answer: 4"
    journal = Journal(folders().journal)
    health = journal.health().result(60)
    journal.close()
    assert health.deliberations == 1


def test_an_engine_that_dies_again_and_again_ends_it(
    environment: dict[str, str], tmp_path: Path
) -> None:
    path = tmp_path / "dies.script.json"
    path.write_text(json.dumps({"lines": [{"text": "Answer: 4", "abort": True}]}))
    words = [sys.executable, "-m", "desktop_app", "serve", "--model", str(path), "--port", "0"]
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, cwd=ROOT
    ) as process:
        assert process.stdout is not None
        address = process.stdout.readline().split()[3]
        with openai.OpenAI(base_url=address, api_key="rowan", max_retries=0) as client:
            while process.poll() is None:
                with suppress(openai.APIError):
                    client.chat.completions.create(
                        model="dies", messages=[{"role": "user", "content": "How many?"}]
                    )
        _, err = process.communicate(timeout=60)
    assert process.returncode == 4
    assert err.startswith("ponder: The engine process ended unexpectedly")


@pytest.fixture
def no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the person's own token out of reach."""
    monkeypatch.delenv("PONDER_API_TOKEN", raising=False)
    monkeypatch.setattr("desktop_app.serve.api_token.kept_key", lambda _place: None)


@pytest.mark.usefixtures("no_keyring")
@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--host", "0.0.0.0"], 2, "ponder: The API is not opened to other computers"),
        (["--host", "192.0.2.1"], 2, "ponder: The API is not opened to other computers"),
        (["--port", "70000"], 2, "ponder: --port"),
        (["--at-once", "0"], 2, "ponder: --at-once"),
        (["--queue", "-1"], 2, "ponder: --queue"),
        (["--gpu-layers", "some"], 2, "ponder: --gpu-layers"),
        (["--model", "missing.gguf"], 3, "ponder: No model here has this name"),
        (["--set-token", "--forget-token"], 2, "ponder: "),
    ],
)
def test_errors_are_one_line_with_their_exit_code(
    words: list[str], code: int, said: str, script: str, capsys: pytest.CaptureFixture[str]
) -> None:
    model = [] if "--model" in words else ["--model", script]
    assert run_command(["serve", *model, *words]) == code
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(said)
    assert printed.err.count("\n") == 1


@pytest.mark.usefixtures("no_keyring")
def test_a_model_that_cannot_be_loaded_is_exit_code_3(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "broken.script.json"
    path.write_text("{")
    assert run_command(["serve", "--model", str(path), "--port", "0"]) == 3
    assert capsys.readouterr().err.startswith("ponder: This file cannot be used as a model")


@pytest.mark.usefixtures("no_keyring")
@pytest.mark.parametrize(("words", "layers"), [([], 7), (["--gpu-layers", "0"], 0)])
def test_the_engine_is_loaded_as_the_settings_say_but_for_what_is_typed(
    words: list[str], layers: int, script: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = LoadOptions(gpu_layers=7, slots=3)
    save_settings(folders().settings, Settings(engine=saved))
    used: list[LoadOptions] = []

    def refuse(_session: Session, _path: Path, options: LoadOptions) -> NoReturn:
        used.append(options)
        raise ThinkingError("load-failed", "", loading=True)

    monkeypatch.setattr("desktop_app.cli.serve.load_model", refuse)
    assert run_command(["serve", "--model", script, "--port", "0", *words]) == 3
    assert used == [msgspec.structs.replace(saved, gpu_layers=layers)]


@pytest.mark.usefixtures("no_keyring")
def test_without_its_packages_it_says_how_to_get_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(sys.modules, "desktop_app.serve.server", raising=False)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    assert run_command(["serve"]) == 2
    said = capsys.readouterr().err
    assert "extra 'serve'" in said
    assert said.count("\n") == 1


def test_a_token_is_read_from_standard_input_and_kept_in_the_keyring(
    environment: dict[str, str], tmp_path: Path
) -> None:
    kept = ponder_serve("--set-token", environment=environment, given="rowan\n")
    assert (kept.returncode, kept.stderr) == (0, "")
    assert "rowan" not in kept.stdout
    assert "rowan" in (tmp_path / "keyring.json").read_text()
    assert ponder_serve("--forget-token", environment=environment).returncode == 0
    assert "rowan" not in (tmp_path / "keyring.json").read_text()


def test_without_a_keyring_the_variable_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(_place: str, _token: str) -> None:
        raise KeyStoreError("NoKeyringError")

    monkeypatch.setattr("desktop_app.serve.api_token.keep_key", refuse)
    monkeypatch.setattr("sys.stdin", io.StringIO("rowan\n"))
    assert run_command(["serve", "--set-token"]) == 2
    said = capsys.readouterr().err
    assert "PONDER_API_TOKEN" in said
    assert "rowan" not in said


def _answered() -> Journal:
    """A journal with one answer as the API leaves it."""
    journal = Journal(folders().journal)
    record = DeliberationRecord(
        "one", None, "vote", Budget(), Sampling(), 1, "m.gguf", LoadOptions(), now()
    )
    journal.start_deliberation(record).result()
    journal.fail_deliberation("one", "worker-died", "").result()
    return journal


@pytest.mark.parametrize(("typed", "left"), [("y\n", 0), ("\n", 1)])
def test_answers_go_when_a_person_says_so(
    typed: str, left: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    journal = _answered()
    keyboard = io.StringIO(typed)
    monkeypatch.setattr(keyboard, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", keyboard)
    assert run_command(["serve", "--forget-answers"]) == 0
    said = capsys.readouterr().out
    assert "1 answer of the API" in said
    assert ("1 answer deleted" in said) is (left == 0)
    assert journal.count_apart().result() == left
    journal.close()


def test_answers_go_without_a_question_where_it_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert run_command(["serve", "--forget-answers", "--yes"]) == 0
    assert not folders().journal.exists()
    _answered().close()
    assert run_command(["serve", "--forget-answers"]) == 2
    assert run_command(["serve", "--forget-answers", "--yes"]) == 0
    assert capsys.readouterr().out == "no answers of the API are kept\n1 answer deleted\n"
    assert run_command(["serve", "--yes"]) == 2
