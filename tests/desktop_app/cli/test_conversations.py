"""`ponder conversations` as a person runs it: a journal goes to a file and into another journal."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from desktop_app.cli.main import run_command
from engine.journal.journal import Journal
from tests.desktop_app.cli import terminal


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    """A file of two conversations, one of which calls a tool."""
    path = tmp_path / "talk.jsonl"
    tool = {"role": "tool", "content": "42"}
    lines = [
        {"title": f"Talk {n}", "messages": [{"role": "user", "content": f"Why {n}?"}, *extra]}
        for n, extra in enumerate(([], [tool]))
    ]
    path.write_text("\n".join(json.dumps(line) for line in lines))
    return path


def ponder(*words: str | Path, home: Path) -> subprocess.CompletedProcess[str]:
    return terminal.ponder("conversations", *words, home=home)


def test_they_go_from_one_computer_to_another(talk: Path, tmp_path: Path) -> None:
    first, second, file = tmp_path / "first", tmp_path / "second", tmp_path / "all.jsonl"
    nothing = ponder("export", "--output", file, home=first)
    assert (nothing.returncode, nothing.stdout) == (2, "")
    assert "no conversations to export" in nothing.stderr
    assert not first.joinpath("data").exists()
    listed = ponder("list", home=first)
    assert (listed.returncode, listed.stdout) == (0, "no conversations\n")
    assert not first.joinpath("data").exists()
    taken = ponder("import", talk, home=first)
    assert taken.stdout == "2 conversations imported; 1 message without text left out\n"
    assert ponder("export", "--output", file, home=first).returncode == 0
    refused = ponder("export", "--output", file, home=first)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert ponder("import", file, home=second).stdout == "2 conversations imported\n"
    lists = [ponder("list", home=home).stdout for home in (first, second)]
    assert lists[0] == lists[1]
    assert "1 message  Talk 1" in lists[0]
    assert ponder("list", "why 0", home=second).stdout.count("\n") == 1


def test_folders_are_told_and_travel(
    talk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second, file = tmp_path / "first", tmp_path / "second", tmp_path / "all.jsonl"

    def said(home: Path, *words: str | Path) -> str:
        monkeypatch.setenv("PONDER_HOME", str(home))
        assert run_command(["conversations", *map(str, words)]) == 0
        return capsys.readouterr().out

    said(first, "import", talk)
    journal = Journal(first / "data" / "journal.db")
    (talk_1, _talk_0) = journal.conversations().result()
    journal.create_folder("w", "Wörk\x1b[2J")
    journal.move_to_folder([talk_1.conversation_id], "w").result()
    journal.close()
    said(first, "export", "--output", file)
    said(second, "import", file)
    for home, name in ((first, "Wörk\x1b[2J"), (second, "Wörk [2J")):
        lines = said(home, "list").splitlines()
        assert lines[0].endswith("Talk 1  (in Wörk [2J)")
        assert lines[1].endswith("Talk 0")
        told = json.loads(said(home, "list", "--folder", name.lower(), "--json"))
        assert told["folders"] == [{"name": name, "conversations": 1}]
        assert [(c["title"], c["folder"]) for c in told["conversations"]] == [("Talk 1", name)]
    everything = json.loads(said(first, "list", "--json"))
    assert [c["folder"] for c in everything["conversations"]] == ["Wörk\x1b[2J", None]
    assert run_command(["conversations", "list", "--folder", "Nowhere"]) == 2
    assert "no such folder" in capsys.readouterr().err


def test_a_title_commands_no_terminal(tmp_path: Path) -> None:
    path, home = tmp_path / "title.json", tmp_path / "home"
    title = "\x1b[31mRed\x1b]0;x\x07 \u202eend " + "long " * 100
    path.write_text(json.dumps({"title": title, "messages": [{"role": "user", "content": "a"}]}))
    assert ponder("import", path, home=home).returncode == 0
    listed = ponder("list", home=home).stdout
    assert "[31mRed ]0;x end long" in listed
    assert listed.removesuffix("\n").isprintable()
    assert len(listed) < 300


def test_a_bad_file_is_one_line_and_a_status(tmp_path: Path) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text("{")
    none, missing = "No conversations were imported", "There is no such file"
    for path, said in ((bad, none), (tmp_path / "missing.json", missing), (tmp_path, none)):
        done = ponder("import", path, home=tmp_path / "home")
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
        assert said in done.stderr
