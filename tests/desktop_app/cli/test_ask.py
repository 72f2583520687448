"""`ponder ask` as a person runs it: the real worker, a script as the model."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from desktop_app.cli import ask
from desktop_app.cli.exits import EXIT_ENGINE, EXIT_USAGE
from desktop_app.cli.main import run_command
from desktop_app.cli.parser import build_parser
from desktop_app.cli.thinking import ThinkingError
from desktop_app.folders import folders
from desktop_app.gathered import Gathered
from desktop_app.presets import Preset, PresetShelf
from desktop_app.settings import ChatSettings, ThinkingSettings
from engine.conversation_length import LONGEST_CONVERSATION
from engine.generation import LoadOptions, Message, Sampling
from engine.options import StrategyOptions
from engine.own_thinking import OwnThinking
from engine.session import AskRequest
from tests.desktop_app.cli.terminal import ponder, ponder_process

SHAPE = {
    "answer", "response", "strategy", "model", "votes", "no_answer", "settled", "stopped",
    "candidates", "timing", "energy",
}  # fmt: skip


@pytest.fixture
def script(tmp_path: Path) -> str:
    path = tmp_path / "ask.script.json"
    lines = [{"text": f"I count.\nAnswer: {answer}"} for answer in ("4", "5", "4", "4")]
    path.write_text(json.dumps({"lines": lines}))
    return str(path)


def test_candidates_and_votes_are_printed_and_the_verdict_last(script: str, tmp_path: Path) -> None:
    done = ponder_process("ask", "How many?", "--model", script, "--full-budget", home=tmp_path)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert sum(line.lstrip().startswith("#") for line in lines) == 4
    assert any("4 ×3" in line and "5 ×1" in line for line in lines)
    assert lines[-1].startswith("3 of 4 agree")
    assert "energy" in lines[-1] or " J (" in lines[-1]


def test_with_a_schema_the_reply_alone_is_printed_as_json(tmp_path: Path) -> None:
    schema = tmp_path / "count.json"
    schema.write_text(json.dumps({"type": "object", "properties": {"count": {"type": "integer"}}}))
    words = ("ask", "How many?", "--schema", str(schema), "--samples", "2", "--seed", "3")
    done = ponder(*words, "--weigh", "likelihood", home=tmp_path)
    assert done.returncode == 0, done.stderr
    reply = json.loads(done.stdout)
    assert reply.keys() <= {"count"}
    assert done.stdout.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (None, "No such file"),
        (b"", "no JSON at line 1, column 1"),
        (b'{\n "type": }', "no JSON at line 2, column 10"),
        (b"[1]", "an object"),
        (b"\xff", "not UTF-8"),
        (b" " * 70_000, "longer than 65,536"),
        (b"[" * 60_000, "no JSON that can be read"),
    ],
)
def test_what_is_wrong_with_a_schema_s_file_is_said(
    tmp_path: Path, text: bytes | None, why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    schema = tmp_path / "schema.json"
    if text is not None:
        schema.write_bytes(text)
    assert run_command(["ask", "How many?", "--schema", str(schema)]) == EXIT_USAGE
    said = capsys.readouterr().err
    assert why in said
    assert str(schema) in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("schema", "status", "why"),
    [
        ({"type": "array", "uniqueItems": True}, EXIT_USAGE, "uniqueItems"),
        ({"type": "string", "minLength": 500}, EXIT_ENGINE, "no whole JSON reply"),
    ],
)
def test_a_schema_that_cannot_be_kept_and_a_reply_that_is_not_whole_are_told(
    schema: object, status: int, why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "schema.json"
    file.write_text(json.dumps(schema))
    words = ["ask", "How many?", "--schema", str(file), "--max-tokens", "9", "--samples", "1"]
    assert run_command(words) == status
    printed = capsys.readouterr()
    assert printed.out == ""
    assert why in printed.err


def test_what_a_model_writes_commands_no_terminal(tmp_path: Path) -> None:
    path = tmp_path / "hostile.script.json"
    text = "\x1b]52;c;ZWNobw==\x07\tone\u202etwo\r\n\x9b31mred 👩‍👩‍👧\nAnswer: \x1b[2J4"
    path.write_text(json.dumps({"lines": [{"text": text}]}))
    done = ponder_process("ask", "How many?", "--model", str(path), "--samples", "2", home=tmp_path)
    assert done.returncode == 0, done.stderr
    assert not set(done.stdout) & set("\x1b\x07\x9b\r\u202e")
    assert "\tone\ufffdtwo" in done.stdout
    assert "red 👩‍👩‍👧" in done.stdout


def test_json_is_exactly_one_object_of_the_promised_shape(script: str, tmp_path: Path) -> None:
    done = ponder_process(
        "ask", "--model", script, "--samples", "4", "--seed", "3", "--full-budget", "--json",
        given="How many?\n", home=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == 1
    report = json.loads(done.stdout)
    assert report.keys() >= SHAPE
    assert report["answer"] == "4"
    assert report["votes"] == [
        {"answer": "4", "count": 3, "weight": 3.0},
        {"answer": "5", "count": 1, "weight": 1.0},
    ]
    assert [c["seed"] for c in report["candidates"]] == [3, 4, 5, 6]
    assert {"text", "answer", "tokens", "seconds", "seed", "stop"} <= report["candidates"][0].keys()
    assert report["timing"].keys() == {
        "first_token_seconds", "total_seconds", "tokens", "tokens_per_second",
    }  # fmt: skip
    assert report["energy"].keys() == {"joules", "method", "this_computer_only"}


def test_a_question_that_no_model_can_read_is_refused_at_once(script: str, tmp_path: Path) -> None:
    pasted = "many words " * (LONGEST_CONVERSATION // 5)
    done = ponder("ask", "--model", script, given=pasted, home=tmp_path)
    assert done.returncode == EXIT_USAGE
    assert "Too long for this model" in done.stderr
    assert not (tmp_path / "data" / "journal.db").exists()


def test_rounds_revise(script: str, tmp_path: Path) -> None:
    done = ponder("ask", "How many?", "--model", script, "--rounds", "3", "--json", home=tmp_path)
    report = json.loads(done.stdout)
    assert report["strategy"] == "revise"
    assert len(report["candidates"]) == 3


def test_chains_have_a_width_and_a_depth(script: str, tmp_path: Path) -> None:
    words = ("--strategy", "revise", "--samples", "2", "--rounds", "2", "--full-budget", "--json")
    report = json.loads(ponder("ask", "How many?", "--model", script, *words, home=tmp_path).stdout)
    assert [c["round"] for c in report["candidates"]] == [0, 0, 1, 1]
    assert sorted(c["earlier"] for c in report["candidates"]) == [[], [], [0], [1]]


def test_a_search_prints_its_steps_with_scores(tmp_path: Path) -> None:
    path = tmp_path / "steps.script.json"
    lines = [
        {"text": f"{a} it is.\n\nSo it must be {a}.\n\nAnswer: {a}", "score": a / 10}
        for a in (4, 5, 9, 4)
    ]
    path.write_text(json.dumps({"lines": lines}))
    words = ("ask", "How many?", "--model", str(path), "--strategy", "search", "--samples", "4")
    done = ponder(*words, home=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "0.90 9 it is." in done.stdout
    assert "9 ×4" in done.stdout
    report = json.loads(ponder(*words, "--json", home=tmp_path).stdout)
    assert report["answer"] == "9"
    assert len(report["steps"]) == 12
    assert {len(c["path"]) for c in report["candidates"]} == {3}


def test_a_question_is_asked_about_files(script: str, tmp_path: Path) -> None:
    long, picture = tmp_path / "long.csv", tmp_path / "a.png"
    long.write_text("red,3\ngreen,1\n" * 400)
    picture.write_bytes(b"\x89PNG\0\0")
    words = ("ask", "How many?", "--samples", "1")
    assert ponder(*words, "--model", script, "--attach", str(long), home=tmp_path).returncode == 0
    real = ponder(*words, "--model", "ponder-stories", "--attach", str(long), home=tmp_path)
    assert "the context holds 2,048" in real.stderr
    assert real.returncode == 2
    refused = ponder(*words, "--model", script, "--attach", str(picture), home=tmp_path)
    assert refused.returncode == 2
    assert "This file has no text to read" in refused.stderr


def test_auto_says_what_it_decided(script: str, tmp_path: Path) -> None:
    words = ("ask", "How many?", "--model", script, "--strategy", "auto", "--samples", "16")
    said = ponder(*words, home=tmp_path).stdout
    assert "auto  3 of the first 4 agree: on to 8, of up to 16\n" in said
    assert "auto  4 votes ahead after 8 samples: that is enough" in said


def test_auto_says_how_the_votes_stood_at_each_look(tmp_path: Path) -> None:
    path = tmp_path / "tied.script.json"
    path.write_text(json.dumps({"lines": [{"text": f"Answer: {a}"} for a in ("4", "5")]}))
    words = ("ask", "How many?", "--model", str(path), "--strategy", "auto", "--samples", "16")
    said = [
        line.split("auto  ")[1]
        for line in ponder(*words, home=tmp_path).stdout.splitlines()
        if "auto  " in line
    ]
    assert said == [
        "2 of the first 4 agree: on to 8, of up to 16",
        "tied at 4 after 8: on to 12, of up to 16",
        "tied at 6 after 12: vote, up to 16 in all",
        "tied at 8 after 16: the budget is spent",
    ]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["ask"], 2),
        (["ask", "q", "--samples", "0"], 2),
        (["ask", "q", "--samples", "9999"], 2),
        (["ask", "q", "--strategy", "vote", "--rounds", "2"], 2),
        (["ask", "q", "--strategy", "vote", "--method", "beam"], 2),
        (["ask", "q", "--strategy", "search", "--width", "0"], 2),
        (["ask", "q", "--more-thought", "3"], 2),
        (["ask", "q", "--notch", "deep", "--samples", "2"], 2),
        (["ask", "q", "--notch", "huge"], 2),
        (["ask", "q", "--seconds", "-1"], 2),
        (["ask", "q", "--temperature", "-1"], 2),
        (["ask", "q", "--gpu-layers", "some"], 2),
        (["ask", "q", "--model", "missing.gguf"], 3),
        (["ask", "q", "--model", "."], 3),
        (["ask", "q", "--first-finished", "9", "--samples", "4"], 2),
        (["nothing"], 2),
        (["--nothing"], 2),
    ],
)
def test_errors_are_one_line_on_stderr_with_their_exit_code(
    words: list[str], code: int, tmp_path: Path
) -> None:
    done = ponder(*words, home=tmp_path)
    assert done.returncode == code
    assert done.stdout == ""
    assert done.stderr.startswith("ponder: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["ask", "q", "--samples", "x"], "--samples: 'x' is no whole number (see"),
        (["ask", "q", "--seconds", "x"], "--seconds: 'x' is no number (see"),
        (["ask", "q", "--seed", "x"], "--seed: 'x' is no whole number (see"),
        (["conversations", "list", "--most", "0"], "--most: must be 1 to 1,000,000, not 0 (see"),
        (["lab", "correct", "a", "1", "4", "maybe"], "JUDGEMENT: invalid choice: 'maybe'"),
        (
            ["ask", "q", "--first-finished", "9", "--samples", "4"],
            "--first-finished 9 never comes: only 4 are asked for",
        ),
    ],
)
def test_numbers_that_are_none_are_said_in_words(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(words) == 2
    assert capsys.readouterr().err.startswith(f"ponder: {said}")


def test_presets_are_listed(tmp_path: Path) -> None:
    assert ponder("presets", home=tmp_path).stdout == "no presets\n"
    shelf = tmp_path / "config" / "presets"
    PresetShelf(shelf).save("Three", Preset(ThinkingSettings(attempts=3)))
    (shelf / "broken.preset.toml").write_text("[")
    assert ponder("presets", home=tmp_path).stdout.splitlines() == [
        "broken  its file is damaged",
        "Three   vote, up to 3 samples",
    ]
    rows = json.loads(ponder("presets", "--json", home=tmp_path).stdout)["presets"]
    assert [(row["name"], row["preset"] is None) for row in rows] == [
        ("broken", True),
        ("Three", False),
    ]


def test_a_dying_engine_is_exit_code_4(tmp_path: Path) -> None:
    path = tmp_path / "dying.script.json"
    path.write_text(json.dumps({"lines": [{"text": "Answer: 4", "abort": True}]}))
    done = ponder("ask", "q", "--model", str(path), "--json", home=tmp_path)
    assert done.returncode == 4
    assert done.stdout == ""
    assert done.stderr.startswith("ponder: ")


def test_nothing_that_finished_is_no_answer(tmp_path: Path) -> None:
    path = tmp_path / "hold.script.json"
    path.write_text(json.dumps({"lines": [{"text": "on", "hold": True}]}))
    words = ("ask", "q", "--model", str(path), "--seconds", "0.5")
    done = ponder(*words, home=tmp_path)
    assert (done.returncode, "No candidate finished." in done.stdout) == (4, True)
    report = ponder(*words, "--json", home=tmp_path)
    assert (report.returncode, json.loads(report.stdout)["outcome"]) == (4, "nothing")


def test_ctrl_c_before_anything_finished_is_an_interrupt(tmp_path: Path) -> None:
    process = asking(tmp_path, "--samples", "1", lines=[{"text": "on", "hold": True}])
    assert process.stdout is not None
    assert "ask" in process.stdout.readline()  # the model's name: it is loaded
    while not _began(tmp_path / "data" / "journal.db"):
        assert process.poll() is None
    os.killpg(process.pid, signal.SIGINT)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "No candidate finished." in said


@pytest.mark.parametrize("place", ["an argument", "standard input"])
def test_a_question_that_is_no_text_is_refused(place: str, script: str, tmp_path: Path) -> None:
    question = b"\xff caf\xe9"
    words = [sys.executable, "-m", "desktop_app", "ask", "--model", script]
    given = [question] if place == "an argument" else []
    done = subprocess.run(
        [*(word.encode() for word in words), *given],
        input=question,
        capture_output=True,
        timeout=100,
        check=False,
        env=os.environ | {"PONDER_HOME": str(tmp_path)},
    )
    assert (done.returncode, done.stdout) == (2, b"")
    whose = "this argument is not UTF-8 text: ? caf?"
    said = whose if place == "an argument" else "the question is not UTF-8 text"
    assert done.stderr == f"ponder: {said}\n".encode()


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "latin-1"])
def test_an_answer_reaches_an_output_that_lacks_its_characters(
    encoding: str, tmp_path: Path
) -> None:
    said = "I see → 😀.\nAnswer: 4"
    path = tmp_path / "arrow.script.json"
    path.write_text(json.dumps({"lines": [{"text": said}]}), encoding="utf-8")
    words = [sys.executable, "-m", "desktop_app", "ask", "How many?", "--model", str(path)]
    env = os.environ | {"PONDER_HOME": str(tmp_path), "PYTHONIOENCODING": encoding}
    told = subprocess.run([*words, "--json"], capture_output=True, check=True, env=env)
    assert json.loads(told.stdout.decode(encoding))["response"] == said
    plain = subprocess.run(words, capture_output=True, check=True, env=env)
    assert "I see \\u2192 \\ud83d\\ude00." in plain.stdout.decode(encoding)


@pytest.mark.skipif(sys.platform == "win32", reason="a shell's own way to close an output")
def test_a_closed_output_is_no_fault(script: str, tmp_path: Path) -> None:
    words = [sys.executable, "-m", "desktop_app", "ask", "How many?", "--model", script]
    env = os.environ | {"PONDER_HOME": str(tmp_path)}
    done = subprocess.run(
        ["sh", "-c", '"$@" >&-', "sh", *words], stderr=subprocess.PIPE, check=False, env=env
    )
    assert (done.returncode, done.stderr) == (0, b"")


def test_words_without_quotes_are_told_so(tmp_path: Path) -> None:
    done = ponder("ask", "What", "is", "17", "times", "23?", home=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "ponder: put the question in quotes (see 'ponder ask --help')\n"
    done = ponder("lab", "list", "all", home=tmp_path)
    assert done.stderr == "ponder: unrecognized: all (see 'ponder lab list --help')\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize(
    "words", [["models", "list"], ["doctor"], ["--help"], ["ask", "How many?", "--model"]]
)
def test_a_full_disk_is_one_line(script: str, tmp_path: Path, words: list[str]) -> None:
    given = [*words, script] if words[-1] == "--model" else words
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "desktop_app", *given],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=100,
            check=False,
            env=os.environ | {"PONDER_HOME": str(tmp_path)},
        )
    assert done.returncode == 2
    assert done.stderr == "ponder: the output was not written whole: the disk is full\n"


def test_the_answer_is_recorded(script: str, tmp_path: Path) -> None:
    ponder("ask", "How many?", "--model", script, home=tmp_path)
    done = ponder("doctor", "--json", home=tmp_path)
    report = json.loads(done.stdout)
    assert done.returncode == 0, report
    assert report["journal"]["deliberations"] == "1"
    assert report["journal"]["candidates"] == "4"
    assert report["engine"]["GPU offload"]


def test_question_and_answer_are_a_conversation(script: str, tmp_path: Path) -> None:
    words = ("ask", "How many apples?", "--model", script, "--full-budget", "--system", "Count.")
    assert ponder_process(*words, home=tmp_path).returncode == 0
    assert "3 messages  How many apples?" in ponder("conversations", "list", home=tmp_path).stdout
    exported, pairs = tmp_path / "all.jsonl", tmp_path / "pairs.jsonl"
    assert not ponder("conversations", "export", "--output", str(exported), home=tmp_path).stderr
    conversation = json.loads(exported.read_text())
    assert [(m["role"], m["content"]) for m in conversation["messages"]] == [
        ("system", "Count."),
        ("user", "How many apples?"),
        ("assistant", "I count.\nAnswer: 4"),
    ]
    (deliberation,) = conversation["deliberations"]
    assert deliberation["message_id"] == conversation["messages"][2]["message_id"]
    assert len(deliberation["candidates"]) == 4
    assert ponder("preferences", "--output", str(pairs), home=tmp_path).returncode == 0
    assert json.loads(pairs.read_text().splitlines()[0])["prompt"][1]["content"].endswith("apples?")


def test_what_is_private_is_not_kept(script: str, tmp_path: Path) -> None:
    done = ponder("ask", "How many?", "--model", script, "--private", home=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert not (tmp_path / "data").exists()


def test_the_terminal_never_imports_qt() -> None:
    code = (
        "import sys, desktop_app.cli.ask, desktop_app.cli.doctor, desktop_app.__main__;"
        "sys.exit(any(name.startswith('PySide6') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.skipif(os.name == "nt", reason="no process groups to interrupt")
@pytest.mark.parametrize("words", [["models", "list"], ["ask", "How many?", "--model"]])
def test_a_reader_that_leaves_is_no_error(script: str, tmp_path: Path, words: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    given = [*words, script] if words[-1] == "--model" else words
    try:
        done = subprocess.run(
            [sys.executable, "-m", "desktop_app", *given],
            stdout=writing,
            stderr=subprocess.PIPE,
            text=True,
            timeout=100,
            check=False,
            env=os.environ | {"PONDER_HOME": str(tmp_path)},
        )
    finally:
        os.close(writing)
    assert done.returncode == 141
    assert done.stderr == ""


HOLD: list[dict[str, object]] = [{"text": "Answer: 4"}, {"text": "on", "hold": True}]


def asking(home: Path, *more: str, lines: list[dict[str, object]] = HOLD) -> subprocess.Popen[str]:
    """A question whose first candidate answers 4 and whose others never end."""
    path = home / "ask.script.json"
    path.write_text(json.dumps({"lines": lines}))
    return subprocess.Popen(
        [sys.executable, "-m", "desktop_app", "ask", "How many?", "--model", str(path), *more],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PONDER_HOME": str(home)},
        start_new_session=True,
        # a test run in the background may have been told to ignore it, which children inherit
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def await_first_answer(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    while "4" not in process.stdout.readline().partition("1")[2]:
        assert process.poll() is None


def recorded(home: Path) -> tuple[str, str]:
    """How the only deliberation stands in the journal, and why it stopped."""
    with closing(sqlite3.connect(home / "data" / "journal.db")) as journal:
        ((status, verdict),) = journal.execute("select status, verdict from deliberations")
    return status, json.loads(verdict or "{}").get("stopped")


def test_ctrl_c_asks_for_the_verdict_from_what_there_is(tmp_path: Path) -> None:
    process = asking(tmp_path, "--samples", "2")
    await_first_answer(process)
    os.killpg(process.pid, signal.SIGINT)
    said, complaint = process.communicate(timeout=60)
    assert process.returncode == 0
    assert said.splitlines()[-1].startswith("1 of 1 agree")
    assert "answered early on request" in said
    assert complaint == "ponder: answering from what there is; Ctrl+C again ends it\n"
    assert recorded(tmp_path) == ("finished", "answered-now")


def test_ctrl_c_gives_the_one_object_too(tmp_path: Path) -> None:
    process = asking(tmp_path, "--samples", "2", "--json")
    journal = tmp_path / "data" / "journal.db"
    while not _has_a_candidate(journal):
        assert process.poll() is None
    os.killpg(process.pid, signal.SIGINT)
    said, complaint = process.communicate(timeout=60)
    assert (process.returncode, complaint.count("\n")) == (0, 1)
    report = json.loads(said)
    assert (report["answer"], report["stopped"]) == ("4", "answered-now")


def _has_a_candidate(journal: Path) -> bool:
    return _found(journal, "select 1 from candidates")


def _began(journal: Path) -> bool:
    return _found(journal, "select 1 from deliberations where seed is not null")


def _found(journal: Path, query: str) -> bool:
    try:
        with closing(sqlite3.connect(f"file:{journal}?mode=ro", uri=True)) as known:
            return bool(known.execute(query).fetchall())
    except sqlite3.OperationalError:
        return False


def test_a_second_ctrl_c_ends_it(tmp_path: Path) -> None:
    process = asking(tmp_path, "--samples", "2")
    await_first_answer(process)
    (worker,) = psutil.Process(process.pid).children()
    worker.suspend()  # so that no verdict comes in between
    os.killpg(process.pid, signal.SIGINT)
    assert process.stderr is not None
    assert "Ctrl+C again ends it" in process.stderr.readline()
    os.killpg(process.pid, signal.SIGINT)
    worker.resume()
    _, complaint = process.communicate(timeout=60)
    assert (process.returncode, complaint) == (130, "ponder: interrupted\n")
    assert recorded(tmp_path)[0] == "finished"


def test_a_reader_that_leaves_midway_leaves_nothing_running(tmp_path: Path) -> None:
    path = tmp_path / "three.script.json"
    lines = [{"text": "Answer: 4"}, {"text": "on " * 20_000}, {"text": "on", "hold": True}]
    path.write_text(json.dumps({"lines": lines}))
    words = ("ask", "How many?", "--model", str(path), "--samples", "3")
    process = subprocess.Popen(
        [sys.executable, "-m", "desktop_app", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PONDER_HOME": str(tmp_path)},
    )
    await_first_answer(process)
    assert process.stdout is not None
    process.stdout.close()
    _, complaint = process.communicate(timeout=60)
    assert (process.returncode, complaint) == (141, "")
    assert recorded(tmp_path) == ("finished", "cancelled")


def test_what_could_not_be_recorded_is_said_once(script: str, tmp_path: Path) -> None:
    words = ("ask", "How many?", "--model", script, "--full-budget")
    assert ponder(*words, home=tmp_path).stderr == ""
    with closing(sqlite3.connect(tmp_path / "data" / "journal.db")) as journal:
        journal.execute(
            "create trigger full before insert on candidates"
            " begin select raise(fail, 'the disk is full'); end"
        )
    done = ponder(*words, home=tmp_path)
    assert done.returncode == 0
    assert "3 of 4 agree" in done.stdout
    assert done.stderr.startswith("ponder: not recorded: ")
    assert done.stderr.count("\n") == 1


def own_thinking_recorded(home: Path) -> list[str]:
    with closing(sqlite3.connect(home / "data" / "journal.db")) as journal:
        rows = journal.execute("select options from deliberations order by started_at").fetchall()
    return [json.loads(options)["own_thinking"] for (options,) in rows]


def test_the_models_own_thinking_can_be_chosen(tmp_path: Path) -> None:
    path = tmp_path / "switch.script.json"
    script = {"lines": [{"text": "Answer: 4"}], "own_thinking": ["off", "on"]}
    path.write_text(json.dumps(script))
    words = ("ask", "How many?", "--model", str(path), "--samples", "1", "--thinking")
    done = ponder(*words, "off", home=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "1 sample · own thinking off" in done.stdout
    done = ponder(*words, "auto", home=tmp_path)
    assert "own thinking" not in done.stdout + done.stderr
    done = ponder(*words, "high", home=tmp_path)
    assert done.returncode == 0
    assert "The model thinks as it does by default" in done.stderr
    assert own_thinking_recorded(tmp_path) == ["off", "auto", "high"]


def test_a_preset_keeps_the_models_own_thinking(script: str, tmp_path: Path) -> None:
    options = StrategyOptions(own_thinking=OwnThinking.OFF)
    shelf = PresetShelf(tmp_path / "config" / "presets")
    shelf.save("Short", Preset(ThinkingSettings(attempts=1, options=options)))
    words = ("ask", "How many?", "--model", script, "--preset", "short")
    assert ponder(*words, home=tmp_path).returncode == 0
    assert own_thinking_recorded(tmp_path) == ["off"]


def test_a_preset_says_how_it_is_thought_about(script: str, tmp_path: Path) -> None:
    thinking = ThinkingSettings(attempts=3, stop_early=False)
    preset = Preset(thinking, Sampling(temperature=1.2), ChatSettings("Count."))
    PresetShelf(tmp_path / "config" / "presets").save("Three", preset)
    words = ("ask", "How many?", "--model", script, "--json")
    done = ponder(*words, "--preset", "three", home=tmp_path)
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["candidates"]) == 3
    with closing(sqlite3.connect(tmp_path / "data" / "journal.db")) as journal:
        ((sampling,),) = journal.execute("select sampling from deliberations")
    assert json.loads(sampling)["temperature"] == 1.2


@pytest.mark.parametrize(("more", "told"), [((), "Count."), (("--system", "Guess."), "Guess.")])
def test_a_presets_instructions_are_told(
    more: tuple[str, ...], told: str, script: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PONDER_HOME", str(tmp_path))
    PresetShelf(folders().presets).save("Three", Preset(chat=ChatSettings("Count.")))
    asked: list[AskRequest] = []

    def refuse(_path: Path, _options: LoadOptions, request: AskRequest, **_: bool) -> Gathered:
        asked.append(request)
        raise ThinkingError("worker-start", "", loading=True)

    monkeypatch.setattr(ask, "answer_in_terminal", refuse)
    words = ["ask", "How many?", "--model", script, "--preset", "Three", *more]
    assert ask.run_ask(build_parser().parse_args(words)) == 3
    assert asked[0].messages == (Message("system", told), Message("user", "How many?"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--preset", "none"), "there are: broken, Three"),
        (("--preset", "Three", "--samples", "4"), "--samples does not go with --preset"),
        (("--preset", "Three", "--strategy", "vote"), "--strategy does not go with --preset"),
        (("--preset", "Three", "--thinking", "on"), "--thinking does not go with --preset"),
        (("--preset", "broken"), "This preset is damaged"),
    ],
)
def test_a_preset_that_cannot_be_used_is_said(
    words: tuple[str, ...], said: str, script: str, tmp_path: Path
) -> None:
    shelf = tmp_path / "config" / "presets"
    PresetShelf(shelf).save("Three", Preset())
    (shelf / "broken.preset.toml").write_text("[")
    done = ponder("ask", "How many?", "--model", script, *words, home=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
