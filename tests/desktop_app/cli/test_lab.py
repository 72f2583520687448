"""`ponder lab` as a person runs it, and killed in the middle."""

from __future__ import annotations

import io
import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from desktop_app.cli.lab import _progress_text
from desktop_app.cli.main import run_command
from desktop_app.folders import folders
from desktop_app.lab.question_sources import built_in_sets, checkers, generated_set, question_set
from engine.journal.journal import Journal
from engine.lab.forecast import forecast_left
from engine.lab.question_table import QuestionFileError
from engine.lab.sweep_control import SweepProgress
from engine.power.meter import DeviceReading, PowerSample
from tests.desktop_app.cli import terminal
from tests.desktop_app.lab.made_sweeps import made_sweep
from tests.models.hub_server import HubServer


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "desktop_app", "lab", *words]


def environment(home: Path) -> dict[str, str]:
    return os.environ | {"PONDER_HOME": str(home / "ponder"), "HOME": str(home)}


def ponder(home: Path, *words: str, hub: str = "") -> subprocess.CompletedProcess[str]:
    """`ponder lab`; a hub's library reads its address once, so that one needs a process."""
    if hub:
        return terminal.ponder_process(
            "lab", *words, home=home / "ponder", HOME=str(home), HF_ENDPOINT=hub
        )
    return terminal.ponder("lab", *words, home=home / "ponder", HOME=str(home))


def told(home: Path, *words: str, hub: str = "") -> dict[str, object]:
    done = ponder(home, *words, "--json", hub=hub)
    assert done.returncode == 0, done.stderr
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


def sweep_of(answer: dict[str, object]) -> dict[str, object]:
    found = answer["sweep"]
    assert isinstance(found, dict)
    return found


def test_run_list_show_export_report_delete(tmp_path: Path) -> None:
    run = told(tmp_path, "run", "stories", "--questions", "6", "--budgets", "1,4")
    sweep = str(sweep_of(run)["sweep_id"])
    assert sweep_of(run)["status"] == "finished"
    curves = run["curves"]
    assert isinstance(curves, list)
    assert {curve["rule"] for curve in curves} == {"vote", "weighted", "settled", "coverage"}
    card = run["card"]
    assert isinstance(card, dict)
    assert len(next(iter(card["models"].values()))["sha256"]) == 64
    listed = told(tmp_path, "list")["sweeps"]
    assert isinstance(listed, list)
    assert [one["sweep_id"] for one in listed] == [sweep]
    shown = ponder(tmp_path, "show", sweep[:6])
    assert "right %" in shown.stdout
    for form in ("json", "csv", "samples"):
        target = tmp_path / f"sweep.{form}"
        assert (
            ponder(tmp_path, "export", sweep, "--form", form, "--output", str(target)).returncode
            == 0
        )
        assert target.stat().st_size > 100
    page = tmp_path / "report.html"
    assert ponder(tmp_path, "report", sweep, "--output", str(page)).returncode == 0
    assert page.read_text().startswith("<!doctype html>")
    refused = ponder(tmp_path, "report", sweep, "--output", str(page))
    assert (refused.returncode, "exists already" in refused.stderr) == (2, True)
    unsure = ponder(tmp_path, "delete", sweep)
    assert (unsure.returncode, "--yes" in unsure.stderr) == (2, True)
    again = ponder(tmp_path, "run", "--resume", sweep)
    assert again.stdout == ponder(tmp_path, "show", sweep).stdout
    assert ponder(tmp_path, "delete", sweep, "--yes").returncode == 0
    assert ponder(tmp_path, "show", sweep).returncode == 2


def test_a_file_of_questions(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("question,answer\nWhat is 2 plus 3?,5\nWhat is 4 plus 5?,9\n")
    limits = ("--max-tokens", "5", "--system", "Be short.")
    run = told(tmp_path, "run", str(path), "--budgets", "2", *limits)
    assert run["questions_finished"] == 2
    out = tmp_path / "sweep.json"
    assert (
        ponder(
            tmp_path,
            "export",
            str(sweep_of(run)["sweep_id"]),
            "--form",
            "json",
            "--output",
            str(out),
        ).returncode
        == 0
    )
    sweep = json.loads(out.read_text())["sweep"]
    assert sweep["plan"]["instructions"] == "Be short."
    assert {sample["candidate"]["tokens"] for sample in sweep["samples"]} == {5}


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ("question=foo,answer=baz", "no column is called baz; it has foo, bar"),
        ("question=nope", "no column is called nope; it has foo, bar"),
        ("question=foo,answer=bar,group=kind", "no column is called kind; it has foo, bar"),
    ],
)
def test_a_column_that_is_not_there_is_named(columns: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("foo,bar\nWhat is 2 plus 3?,5\n")
    done = ponder(tmp_path, "run", str(path), "--columns", columns)
    assert (done.returncode, said in done.stderr) == (2, True), done.stderr
    assert ponder(tmp_path, "list").stdout.startswith("no sweep yet")


def correct_and_take_back(home: Path, sweep: str) -> None:
    """Judge an answer by hand, see it everywhere, and judge it as before."""
    page = ponder(home, "inspect", sweep, "1").stdout
    assert page.count(" tokens, ") == 8
    answer = next(row for row in page.splitlines() if " voted " in row).partition(" voted ")[2]
    before = json.loads(ponder(home, "show", sweep, "--json").stdout)["curves"][0]["points"]
    row = next(row for row in page.splitlines() if f": {answer} by " in row)
    said = "wrong" if ", right, " in row else "right"
    assert ponder(home, "correct", sweep, "1", answer, said).returncode == 0
    assert f"{said}, by hand" in ponder(home, "inspect", sweep, "1").stdout
    after = json.loads(ponder(home, "show", sweep, "--json").stdout)["curves"][0]["points"]
    assert after != before
    assert "1 answer judged by hand" in ponder(home, "show", sweep).stdout
    assert told(home, "show", sweep)["corrected_answers"] == 1
    html = home / "report.html"
    ponder(home, "report", sweep, "--output", str(html))
    assert "1 answer judged by hand" in html.read_text()
    assert ponder(home, "correct", sweep, "1", answer, "as-judged").returncode == 0
    back = json.loads(ponder(home, "show", sweep, "--json").stdout)["curves"][0]["points"]
    assert back == before


def test_a_stored_sweep_is_replayed_learned_from_corrected_and_shared(tmp_path: Path) -> None:
    first = ponder(tmp_path, "run", "stories", "--questions", "20", "--budgets", "8")
    assert "was not swept on this machine before" in first.stdout
    again = ponder(tmp_path, "run", "stories", "--questions", "20", "--budgets", "8")
    assert "from 160 samples measured on this machine" in again.stdout
    listed = told(tmp_path, "list")["sweeps"]
    assert isinstance(listed, list)
    sweep, other = listed[0]["sweep_id"], listed[1]["sweep_id"]
    replayed = told(tmp_path, "replay", sweep, "--rule", "coverage", "--budgets", "3,5")["curves"]
    assert isinstance(replayed, list)
    assert [point["budget"] for point in replayed[0]["points"]] == [3, 5]
    for budgets, said in (("3,500", "500 is not 1 to 8"), ("x", "are whole numbers")):
        refused = ponder(tmp_path, "replay", sweep, "--budgets", budgets)
        assert (refused.returncode, said in refused.stderr) == (2, True), refused.stderr
    learned = ponder(tmp_path, "learn", sweep, "--use").stdout
    assert "a vote ends " in learned or "a vote never ends early" in learned
    assert "with the built-in table" in learned
    settings = tmp_path / "ponder" / "config" / "settings.toml"
    assert 'strategy = "auto"' in settings.read_text()
    done = ponder(
        tmp_path, "run", "stories", "--questions", "2", "--budgets", "4", "--strategy", "auto"
    )
    assert "auto 4 (learned table)" in done.stdout
    kept = settings.read_bytes()
    settings.write_bytes(b"[damaged")
    refused = ponder(tmp_path, "learn", sweep, "--use")
    assert (refused.returncode, "is damaged; correct it" in refused.stderr) == (2, True)
    assert settings.read_bytes() == b"[damaged"
    settings.write_bytes(kept)
    assert "not distinguishable" in ponder(tmp_path, "compare", sweep, other).stdout
    correct_and_take_back(tmp_path, sweep)

    target = tmp_path / "shared.json"
    ponder(tmp_path, "export", sweep, "--output", str(target))
    stranger = tmp_path / "stranger"
    taken = ponder(stranger, "import", str(target))
    name = taken.stdout.split()[-1]
    assert told(stranger, "show", name)["curves"] == told(tmp_path, "show", sweep)["curves"]
    run = ponder(stranger, "run", "stories", "--questions", "2", "--budgets", "2")
    assert "was not swept on this machine before" in run.stdout


def test_votes_weigh_what_was_asked_for_when_they_are_replayed(tmp_path: Path) -> None:
    words = ("--questions", "12", "--budgets", "8", "--model", "ponder-small")
    run = told(tmp_path, "run", "numbers", *words, "--weigh", "combined")
    sweep = str(sweep_of(run)["sweep_id"])
    rows = ("--rule", "weighted", "--rule", "best")
    found = {
        weighing: told(tmp_path, "replay", sweep, *rows, "--weigh", weighing)["curves"]
        for weighing in ("equal", "likelihood", "self-assessed", "combined")
    }
    assert found["combined"] == told(tmp_path, "replay", sweep, *rows)["curves"]
    assert len({json.dumps(curves) for curves in found.values()}) > 1
    ahead = told(tmp_path, "replay", sweep, "--rule", "ahead")["curves"]
    assert isinstance(ahead, list)
    assert ahead[0]["points"][-1]["samples"] <= 8
    page = ponder(tmp_path, "inspect", sweep, "1").stdout
    assert "score 0." in page or "score 1." in page
    plain = sweep_of(told(tmp_path, "run", "numbers", *words))["sweep_id"]
    refused = ponder(tmp_path, "replay", str(plain), "--weigh", "combined")
    assert (refused.returncode, "was not asked how sure" in refused.stderr) == (2, True)


def test_questions_from_a_hub_with_named_columns(tmp_path: Path) -> None:
    rows = b"q,a\nWhat is 2 plus 3?,5\nWhat is 4 plus 5?,9\n"
    with HubServer() as hub:
        hub.add("datasets/ada/sums", {"test.csv": rows})
        words = ("run", "hub:ada/sums", "--columns", "question=q,answer=a", "--budgets", "2")
        run = told(tmp_path, *words, hub=hub.endpoint)
    assert run["questions_finished"] == 2
    assert sweep_of(run)["name"] == "sums, 2 questions"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("run", "some.csv", "--columns", "question"), 2, "--columns names columns"),
        (("run", "stories", "--columns", "question=q"), 2, "a generated set has none"),
        (("run", "stories", "--temperature", "-1"), 2, "between 0 and 5"),
        (("run", "stories", "--strategy", "revise", "--weigh", "combined"), 2, "does not go with"),
        (("run", "stories", "--resume", "zz"), 2, "leave out a question set"),
        (
            ("run", "--resume", "zz", "--most-celsius", "5", "--budgets", "1"),
            2,
            "--budgets, --most",
        ),
        (("run", "--again", "zz", "--temperature", "0.1"), 2, "leave out --temperature"),
        (("run", "--again", "zz", "--resume", "zz"), 2, "leave out --again"),
        (("import", "nothing.json"), 2, "There is no such file"),
        (("import", "."), 2, "This is no sweep that can be read"),
        (("run", "nothing-like-it"), 2, "There is no such question set"),
        (("run", "missing.csv"), 2, "stories, numbers"),
        (("run",), 2, "question set"),
        (("run", "stories", "--budgets", "a"), 2, "whole numbers"),
        (("run", "stories", "--budgets", "0"), 2, "at least 1"),
        (("run", "stories", "--questions", "-3"), 2, "--questions"),
        (("run", "stories", "--questions", "0"), 2, "--questions"),
        (("run", "stories", "--repeats", "99999999999"), 2, "--repeats"),
        (("run", "stories", "--seed", "9223372036854775808"), 2, "--seed"),
        (("run", "stories", "--model", "nobody"), 3, "nobody"),
        (("show", "zz"), 2, "No sweep begins with that"),
        (("run", "--resume", "zz"), 2, "'ponder lab list' shows them"),
        (("run", "hub:ada/sums"), 4, "The hub cannot be reached"),
    ],
)
def test_what_makes_no_sense_is_said(
    words: tuple[str, ...], code: int, said: str, tmp_path: Path
) -> None:
    done = ponder(tmp_path, *words, hub="http://127.0.0.1:1" if "hub:ada/sums" in words else "")
    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("typed", "gone"), [("y\n", True), ("\n", False), ("", False)])
def test_a_sweep_goes_when_a_person_says_so(
    typed: str, *, gone: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run_command(["lab", "run", "stories", "--questions", "1", "--budgets", "1"]) == 0
    keyboard = io.StringIO(typed)
    monkeypatch.setattr(keyboard, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", keyboard)
    journal = Journal(folders().journal)
    (sweep,) = journal.sweeps().result()
    assert run_command(["lab", "delete", sweep.sweep_id]) == 0
    assert (journal.sweeps().result() == []) is gone
    journal.close()


def test_a_sweep_that_cannot_be_read_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["lab", "run", "stories", "--questions", "1", "--budgets", "1"]) == 0
    with sqlite3.connect(folders().journal) as connection:
        connection.execute("update sweeps set plan = '{}'")
    connection.close()
    capsys.readouterr()
    assert run_command(["lab", "list"]) == 0
    listed = capsys.readouterr().out
    assert "unreadable (sweep " in listed
    assert "1 sample  " in listed
    assert run_command(["lab", "show", listed[:8]]) == 4
    assert "A record cannot be read" in capsys.readouterr().err
    assert run_command(["lab", "delete", listed[:8], "--yes"]) == 0
    assert run_command(["lab", "list"]) == 0
    assert "no sweep yet" in capsys.readouterr().out


class Thermometer:
    """A meter that knows how hot it is, and nothing else."""

    label, window, scope = "a thermometer", "instant", "the room"

    def read(self) -> PowerSample:
        return PowerSample(0.0, (DeviceReading("room", temperature_celsius=20.0),))

    def close(self) -> None:
        pass


@pytest.mark.parametrize(
    ("meter", "option"),
    [(None, "--most-joules"), (None, "--most-celsius"), (Thermometer(), "--most-joules")],
)
def test_a_limit_that_nothing_measures_is_refused(
    meter: Thermometer | None,
    option: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("desktop_app.lab.measured_limits.open_meter", lambda: meter)
    assert run_command(["lab", "run", "stories", option, "50"]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"ponder: {option} would end nothing: no sensor here measures it")


def test_one_question_is_one_question(tmp_path: Path) -> None:
    said = ponder(tmp_path, "run", "stories", "--questions", "1", "--budgets", "1").stdout
    head = said.splitlines()[0]
    assert head.startswith("stories, 1 question: 1 question (generated, seed 7), 1 sample: vote")
    assert "1 of 1 question finished, 1 sample" in said
    assert " 100.0 to 100.0" not in said
    assert " 0.0 to 0.0 " not in said


def kept_samples(home: Path) -> int:
    """How many samples the journal of a program that may be running holds."""
    journal = home / "ponder" / "data" / "journal.db"
    try:
        with closing(sqlite3.connect(f"file:{journal}?mode=ro", uri=True)) as known:
            ((count,),) = known.execute("select count(*) from sweep_samples")
    except sqlite3.OperationalError:
        return 0  # it is not made yet
    return int(count)


def test_a_program_that_is_killed_goes_on(tmp_path: Path) -> None:
    rng = random.Random(8)
    words = command("run", "stories", "--questions", "8", "--budgets", "16", "--json")
    killed = 0
    for _ in range(4):
        enough = kept_samples(tmp_path) + rng.randint(1, 24)
        child = subprocess.Popen(
            words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(tmp_path)
        )
        while child.poll() is None and kept_samples(tmp_path) < enough:
            with suppress(subprocess.TimeoutExpired):
                child.wait(0.01)
        child.kill()
        child.communicate()
        killed += child.returncode == -signal.SIGKILL
        listed = told(tmp_path, "list")["sweeps"]
        assert isinstance(listed, list)
        sweep = listed[0]["sweep_id"]
        words = command("run", "--resume", sweep, "--json")
    assert killed
    finished = told(tmp_path, "run", "--resume", sweep)
    assert sweep_of(finished)["status"] == "finished"
    target = tmp_path / "all.json"
    ponder(tmp_path, "export", sweep, "--output", str(target))
    record = json.loads(target.read_text())["sweep"]
    counts = Counter((s["place"]["question"], s["candidate"]["index"]) for s in record["samples"])
    assert set(counts.values()) == {1}
    assert len(counts) == 128
    seeds = {s["candidate"]["seed"] for s in record["samples"]}
    assert len(seeds) == 128


def test_a_sweep_that_runs_is_not_run_twice(tmp_path: Path) -> None:
    words = command("run", "stories", "--questions", "30", "--budgets", "64", "--json")
    child = subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(tmp_path)
    )
    try:
        while child.poll() is None and not kept_samples(tmp_path):
            with suppress(subprocess.TimeoutExpired):
                child.wait(0.01)
        listed = told(tmp_path, "list")["sweeps"]
        assert isinstance(listed, list)
        again = ponder(tmp_path, "run", "--resume", listed[0]["sweep_id"])
        gone = ponder(tmp_path, "delete", listed[0]["sweep_id"], "--yes")
        assert child.poll() is None
    finally:
        child.kill()
        child.communicate()
    assert again.returncode == 4
    assert "running already" in again.stderr
    assert (gone.returncode, "running already" in gone.stderr) == (4, True)


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl+C is another signal there")
def test_an_interrupt_ends_it_in_order(tmp_path: Path) -> None:
    child = subprocess.Popen(
        command("run", "stories", "--questions", "30", "--budgets", "64"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(tmp_path),
    )
    assert child.stdout is not None
    child.stdout.readline()
    while child.poll() is None and not kept_samples(tmp_path):
        with suppress(subprocess.TimeoutExpired):
            child.wait(0.01)
    child.send_signal(signal.SIGINT)
    out, _err = child.communicate(timeout=60)
    assert child.returncode == 130
    assert "questions finished" in out
    listed = told(tmp_path, "list")["sweeps"]
    assert isinstance(listed, list)
    assert listed[0]["status"] == "paused"


def test_what_is_left_is_counted_in_questions_as_some_need_fewer_samples(tmp_path: Path) -> None:
    whole = made_sweep(["a"], ["auto"], (4,), questions=40)
    journal = Journal(tmp_path / "journal.db")
    try:
        journal.start_sweep("half", "half", whole.plan).result()
        for sample in whole.samples:
            if sample.place.question < 20 and sample.candidate.index < 2:
                journal.add_sweep_sample("half", sample)
        for verdict in whole.verdicts:
            if verdict.place.question < 20:
                journal.add_sweep_verdict("half", verdict)
        journal.add_sweep_stretch("half", whole.stretches[0]).result()
        left = forecast_left(journal.sweep("half").result(), journal.paces().result())
        assert left.seconds == pytest.approx(whole.stretches[0].seconds)
    finally:
        journal.close()


def test_a_trial_tells_what_the_rest_takes_and_how_to_go_on(tmp_path: Path) -> None:
    asked = ("run", "stories", "--questions", "40", "--budgets", "4", "--trial")
    tried = ponder(tmp_path, *asked)
    assert tried.returncode == 0, tried.stderr
    before, after = tried.stdout.splitlines()[1], tried.stdout.splitlines()[-1]
    assert before.startswith("No forecast:")
    found = re.fullmatch(
        r"left: .+ measured on this machine; go on with: ponder (lab run --resume \w{8})",
        after,
    )
    assert found is not None, after
    assert sum(map(int, re.findall(r"(\d+) of 160 samples", ponder(tmp_path, "list").stdout))) >= 16
    again = told(tmp_path, "run", "stories", "--questions", "40", "--budgets", "4", "--trial")
    left = again["left"]
    assert isinstance(left, dict)
    assert 0 < left["seconds"] < 600
    assert "joules" in left
    whole = ponder(tmp_path, *found[1].split()[1:])
    assert whole.returncode == 0, whole.stderr
    assert "160 of 160 samples" in ponder(tmp_path, "list").stdout


def test_an_imported_sweep_runs_again_with_the_files_of_this_computer(tmp_path: Path) -> None:
    asked = ("stories", "--questions", "6", "--budgets", "4", "--max-tokens", "20", "--seed", "3")
    first = str(sweep_of(told(tmp_path, "run", *asked))["sweep_id"])
    file = tmp_path / "sweep.json"
    assert ponder(tmp_path, "export", first, "--output", str(file)).returncode == 0
    theirs = json.loads(file.read_text())
    mine = samples_of(theirs)
    elsewhere = "C:\\Users\\somebody\\ponder-stories.gguf"
    for arm in theirs["sweep"]["plan"]["arms"]:
        arm["model_path"] = elsewhere
    theirs["sweep"]["plan"]["limits"] = {"joules": 5, "celsius": None}
    theirs["sweep"]["plan"]["load"] |= {"threads": 100_000, "slots": 1_000_000, "main_gpu": 7}
    file.write_text(json.dumps(theirs))
    assert ponder(tmp_path, "import", str(file)).returncode == 0
    imported, _, _, state = ponder(tmp_path, "list").stdout.split()[:4]
    assert state == "imported"
    assert "imported, 6 of 6 questions" in ponder(tmp_path, "show", imported).stdout
    again = sweep_of(told(tmp_path, "run", "--again", imported))
    assert again["status"] == "finished"
    file.unlink()
    assert ponder(tmp_path, "export", str(again["sweep_id"]), "--output", str(file)).returncode == 0
    assert samples_of(json.loads(file.read_text())) == mine


def samples_of(exported: dict[str, Any]) -> list[tuple[object, ...]]:
    return [
        (s["place"], s["candidate"]["seed"], s["candidate"]["response"])
        for s in exported["sweep"]["samples"]
    ]


def test_a_sweep_whose_model_is_not_here_does_not_run_again(tmp_path: Path) -> None:
    data = tmp_path / "ponder" / "data"
    data.mkdir(parents=True)
    for name, gone in (
        ("ponder-stories-large.gguf", "ponder-stories"),
        ("nowhere.gguf", "nowhere"),
    ):
        whole = made_sweep([f"/gone/{name}"], ["vote"], (4,), questions=2)
        journal = Journal(data / "journal.db")
        journal.start_sweep(f"s-{gone}", "theirs", whole.plan).result()
        journal.close()
        done = ponder(tmp_path, "run", "--again", f"s-{gone}")
        assert (done.returncode, gone in done.stderr) == (3, True), done.stderr
    for words in ((), ("stories", "--again", "s-nowhere"), ("--again", "s-none")):
        refused = ponder(tmp_path, "run", *words)
        assert refused.returncode == 2, refused.stderr


def test_generated_sets_are_the_same_for_the_same_seed() -> None:
    for name in built_in_sets():
        one, other = generated_set(name, 12, 3), generated_set(name, 12, 3)
        assert one == other
        assert one.digest != generated_set(name, 12, 4).digest
        assert len({question.text for question in one.questions}) == 12
        for question in one.questions:
            assert question.answer is not None
            check = checkers()[question.checker]
            assert check(question.text, question.answer, question.answer)


def test_a_set_is_a_name_or_a_file(tmp_path: Path) -> None:
    assert len(question_set("mixed", 8, 1).questions) == 8
    with pytest.raises(QuestionFileError, match="built-in sets"):
        question_set(str(tmp_path / "none"), None, 1)
    with pytest.raises(QuestionFileError):
        generated_set("stories", 0)


def test_silence_is_said_in_the_terminal_instead_of_the_time_left() -> None:
    silent = SweepProgress(3, 8, 2.0, 4.0, None, "vote, a", silent=True)
    said = _progress_text(silent)
    assert said == "3 of 8 samples · the engine gives no sign of life · vote, a"
    assert "left" in _progress_text(replace(silent, silent=False))
