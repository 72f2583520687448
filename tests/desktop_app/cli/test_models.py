"""`ponder models` as a person runs it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.bench.generated_model import TINY, generate_model
from tests.desktop_app.cli import terminal


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return generate_model(tmp_path / "downloads" / "tiny.gguf", TINY)


def ponder(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return terminal.ponder(*words, home=home / "ponder", HOME=str(home))


def told(home: Path, *words: str) -> dict[str, object]:
    done = ponder(home, "models", *words, "--json")
    assert done.returncode == 0, done.stderr
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


def names(home: Path) -> list[str]:
    models = told(home, "list")["models"]
    assert isinstance(models, list)
    return [row["name"] for row in models]


def test_a_file_is_imported_listed_inspected_checked_removed_and_back(
    model: Path, tmp_path: Path
) -> None:
    assert names(tmp_path) == ["ponder-base", "ponder-small", "ponder-stories"]
    imported = told(tmp_path, "import", str(model))
    assert names(tmp_path) == ["ponder-base", "ponder-small", "ponder-stories", "tiny"]
    facts = told(tmp_path, "inspect", "TINY")
    assert facts["path"] == imported["path"]
    assert (facts["architecture"], facts["layers"]) == ("llama", TINY.layers)
    assert facts["context_tokens"] == TINY.context
    assert told(tmp_path, "verify", "tiny")["intact"] is True
    told(tmp_path, "remove", "tiny")
    assert names(tmp_path) == ["ponder-base", "ponder-small", "ponder-stories"]
    told(tmp_path, "remove", "--undo")
    assert names(tmp_path) == ["ponder-base", "ponder-small", "ponder-stories", "tiny"]
    told(tmp_path, "remove", "tiny")
    freed = told(tmp_path, "remove", "--empty-bin")["freed_bytes"]
    assert isinstance(freed, int)
    assert freed >= model.stat().st_size
    assert ponder(tmp_path, "models", "remove", "--undo").returncode == 2


def test_a_library_name_answers_a_question(model: Path, tmp_path: Path) -> None:
    told(tmp_path, "import", str(model))
    done = ponder(
        tmp_path, "ask", "--model", "tiny", "--samples", "1", "--max-tokens", "4", "--json", "Hi"
    )
    assert done.returncode == 0, done.stderr
    assert ponder(tmp_path, "ask", "--model", "nothing", "Hi").returncode == 3


def test_a_flipped_byte_is_told_with_an_exit_status(model: Path, tmp_path: Path) -> None:
    copy = Path(str(told(tmp_path, "import", str(model))["path"]))
    content = bytearray(copy.read_bytes())
    content[-1] ^= 1
    copy.write_bytes(content)
    done = ponder(tmp_path, "models", "verify", "tiny")
    assert done.returncode == 2
    assert "damaged" in done.stdout


def test_what_cannot_be_done_is_one_line_and_a_status(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.gguf"
    wrong.write_bytes(b"PK\x03\x04" * 9)
    there = generate_model(tmp_path / "ponder" / "data" / "models" / "imported" / "a.gguf", TINY)
    for words, said in (
        (("inspect", "nothing"), "No model here has this name"),
        (("import", str(wrong)), "This file is damaged or no GGUF model"),
        (("import", str(tmp_path / "missing.gguf")), "There is no such file"),
        (("import", str(there)), "It is here already"),
        (("remove", "ponder-stories"), "It comes with Ponder"),
        (("verify", "nothing"), "No model here has this name"),
    ):
        done = ponder(tmp_path, "models", *words)
        assert done.returncode == 3, words
        assert done.stdout == ""
        assert done.stderr.startswith(f"ponder: {said}") or f": {said}" in done.stderr
        assert len(done.stderr.splitlines()) == 1
    assert ponder(tmp_path, "models", "remove").returncode == 2
    inspected = ponder(tmp_path, "models", "inspect", str(wrong))
    assert (inspected.returncode, "problem" in inspected.stdout) == (3, True)


def test_for_people_there_is_a_table(tmp_path: Path) -> None:
    lines = ponder(tmp_path, "models", "list").stdout.splitlines()
    assert lines[0].split() == ["NAME", "SIZE", "PARAMETERS", "QUANTIZATION", "BELONGS", "TO"]
    assert [line.split()[0] for line in lines[1:]] == [
        "ponder-base",
        "ponder-small",
        "ponder-stories",
    ]
