"""The README's questions to the built-in models: asked as they stand there, answered right."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from desktop_app.cli.parser import build_parser
from models.builtin import builtin_models

_README = Path(__file__).parents[3] / "README.md"
_BUILTIN = {path.stem for path in builtin_models().values()}

_RIGHT = {
    "Nina has 250 beads.": "110",
    "What is 17 times 23?": "391",
    "A train leaves at 16:35": "19:15",
    "Target: 24.": "3 + 5 + 7 + 9",
    "Mia is older than Tom.": "Zoe",
    "A baker makes 25 rolls": "60",
}
"""The right answers, by how a question begins; a sum by its sorted terms."""


def _examples() -> list[list[str]]:
    """What README asks the built-in models, as words of a command."""
    lines = _README.read_text(encoding="utf-8").splitlines()
    commands = [shlex.split(line)[1:] for line in lines if line.startswith(".venv/bin/ponder ask ")]
    asked = []
    for words in commands:
        model = build_parser().parse_args(words).model
        if model is None or model in _BUILTIN:
            asked.append(words)
    return asked


@pytest.mark.parametrize("words", _examples(), ids=lambda words: " ".join(words)[4:60])
def test_an_example_is_answered_right(words: list[str], tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "desktop_app", *words, "--seed", "1", "--json"],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        env=os.environ | {"PONDER_HOME": str(tmp_path)},
    )
    assert done.returncode == 0, done.stderr
    question = build_parser().parse_args(words).question
    (right,) = (answer for begin, answer in _RIGHT.items() if question.startswith(begin))
    answer = json.loads(done.stdout)["answer"]
    assert " + ".join(sorted(answer.split(" + "))) == right


def test_there_are_examples() -> None:
    assert len(_examples()) >= 7
