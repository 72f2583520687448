"""`ponder preferences` as a person runs it, and its file as a trainer reads it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from engine.budget import Budget
from engine.candidate import Candidate, ExtractedAnswer, StopReason
from engine.generation import LoadOptions, Sampling
from engine.journal.journal import Journal
from engine.journal.records import DeliberationRecord, MessageRecord, ModelRecord, now
from engine.tally import tally_votes
from engine.verdict import StoppedWhy, decide
from tests.desktop_app.cli import terminal

SECRET = "a secret question, number"


def ponder(*words: str, home: Path) -> subprocess.CompletedProcess[str]:
    return terminal.ponder("preferences", *words, home=home)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder whose journal holds three voted answers; the person prefers a loser in one."""
    home = tmp_path / "ponder"
    journal = Journal(home / "data" / "journal.db")
    journal.create_conversation("c", "")
    journal.remember_model(ModelRecord("m.gguf", "Small", 9, "llama", "Q4", now()))
    parent = None
    for number in range(3):
        name = f"d{number}"
        journal.add_message(
            MessageRecord(f"q{name}", "c", parent, "user", f"{SECRET} {number}\u2028?", now())
        )
        parent = f"a{name}"
        journal.add_message(
            MessageRecord(parent, "c", f"q{name}", "assistant", "so 4", now(), name)
        )
        candidates = [
            Candidate(
                index, 0, index, "hm" * index, f"so {text}", ExtractedAnswer(text, text, "boxed"),
                9, 2, 0.0, 0.1, 1.0, StopReason.FINISHED,
            )
            for index, text in enumerate(("4", "4", "5"))
        ]  # fmt: skip
        journal.start_deliberation(
            DeliberationRecord(
                name, parent, "vote", Budget(samples=3), Sampling(), 1, "m.gguf", LoadOptions(),
                now(),
            )
        )  # fmt: skip
        for candidate in candidates:
            journal.add_candidate(name, candidate)
        verdict = decide(candidates, tally_votes(candidates), StoppedWhy.BUDGET_SPENT)
        journal.finish_deliberation(name, verdict, 1.0, None)
    journal.prefer("d1", 2)
    journal.close()
    return home


def test_the_file_is_what_a_preference_trainer_reads(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "pairs.jsonl"
    done = ponder("--output", str(path), home=home)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"3 pairs written to {path} (user 1, vote 2)\n"
    assert SECRET not in done.stdout + done.stderr
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "cache"))
    import datasets  # type: ignore[import-untyped]

    rows = datasets.load_dataset(
        "json", data_files=str(path), split="train", cache_dir=str(tmp_path / "cache")
    )
    text = datasets.Value("string")
    for column in ("prompt", "chosen", "rejected"):
        assert rows.features[column] == datasets.List({"role": text, "content": text})
    for column in (
        "chosen_thought", "chosen_response", "rejected_thought", "rejected_response", "judge",
        "deliberation",
    ):  # fmt: skip
        assert rows.features[column] == text
    for column in ("chosen_score", "rejected_score", "length_weight"):
        assert rows.features[column] == datasets.Value("float64")
    assert rows["judge"] == ["vote", "user", "vote"]
    row = rows[1]
    assert [message["role"] for message in row["prompt"]] == ["user", "assistant", "user"]
    assert row["prompt"][-1]["content"] == f"{SECRET} 1\u2028?"
    assert row["chosen"] == [{"role": "assistant", "content": "<think>\nhmhm\n</think>\n\nso 5"}]
    assert row["model"] == {"name": "Small", "sha256": None}


def test_the_judge_and_the_length_weight_are_chosen(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "pairs.jsonl"
    done = ponder("--output", str(path), "--judge", "user", "--length-weight", "0.5", home=home)
    assert done.returncode == 0, done.stderr
    written = json.loads(path.read_text(encoding="utf-8"))  # one line, or it is no JSON
    assert (written["judge"], written["length_weight"]) == ("user", 0.5)


def test_a_file_that_is_there_is_replaced_by_force_only(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "pairs.jsonl"
    path.write_text("mine")
    refused = ponder("--output", str(path), home=home)
    assert refused.returncode == 2
    assert refused.stderr.startswith("ponder: The file exists already")
    assert "--force" in refused.stderr
    assert path.read_text() == "mine"
    assert ponder("--output", str(path), "--force", home=home).returncode == 0
    assert path.read_text() != "mine"


@pytest.mark.parametrize("weight", ["0.6", "-1", "nan", "much"])
def test_a_wrong_length_weight_is_bad_use(home: Path, tmp_path: Path, weight: str) -> None:
    done = ponder("--output", str(tmp_path / "o"), f"--length-weight={weight}", home=home)
    assert done.returncode == 2
    assert "--length-weight" in done.stderr
    assert not (tmp_path / "o").exists()


def test_a_missing_folder_is_said_in_one_line(home: Path, tmp_path: Path) -> None:
    done = ponder("--output", str(tmp_path / "no" / "o.jsonl"), home=home)
    assert done.returncode == 2
    assert done.stderr.startswith("ponder: The folder does not exist")
    assert done.stderr.count("\n") == 1


def test_without_a_journal_there_is_nothing_and_none_is_made(tmp_path: Path) -> None:
    done = ponder("--output", str(tmp_path / "o.jsonl"), home=tmp_path / "new")
    assert done.returncode == 2
    assert "There are no preferences to export" in done.stderr
    assert not (tmp_path / "new").exists()
    assert not (tmp_path / "o.jsonl").exists()


def test_a_damaged_journal_is_told_as_such(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "journal.db").write_bytes(b"not a database" * 99)
    done = ponder("--output", str(tmp_path / "o.jsonl"), home=tmp_path)
    assert done.returncode == 4
    assert "The journal is damaged" in done.stderr
