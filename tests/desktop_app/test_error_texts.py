"""Every code that can reach a person has a text of its own."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import engine.errors
import engine.journal.errors
from desktop_app.error_text import ERROR_TEXTS, error_line, error_text
from engine.errors import EngineError
from engine.journal.errors import JournalError
from models.errors import ModelsError

ROOT = Path(engine.errors.__file__).parent.parent


Tree = type[EngineError] | type[JournalError] | type[ModelsError]


def tree(base: Tree) -> set[str]:
    codes = {base.code}
    for kind in base.__subclasses__():
        codes |= tree(kind)
    return codes


def called_with_text(function: str, folder: str) -> set[str]:
    """First literal arguments of every call of a function in a room."""
    found: set[str] = set()
    for path in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            first = node.args[0]
            if name == function and isinstance(first, ast.Constant):
                found.add(str(first.value))
    return found


@pytest.mark.parametrize("base", [EngineError, JournalError, ModelsError])
def test_every_error_code_has_a_text(base: Tree) -> None:
    assert tree(base) <= ERROR_TEXTS.keys()


def test_every_notice_has_a_text() -> None:
    codes = called_with_text("Notice", "engine")
    assert codes
    assert codes <= ERROR_TEXTS.keys()


def test_every_code_the_window_tells_has_a_text() -> None:
    codes = called_with_text("tell_error", "desktop_app") | called_with_text("fail", "desktop_app")
    codes |= called_with_text("_tell_problem", "desktop_app")
    assert {"not-sent", "model-gone", "sweep-plan"} <= codes
    assert codes <= ERROR_TEXTS.keys()


def test_texts_are_whole_sentences_without_shouting() -> None:
    for code, text in ERROR_TEXTS.items():
        assert text.cause.endswith("."), code
        assert text.next_step.endswith("."), code
        assert not text.title.endswith("."), code
        assert "!" not in f"{text.title}{text.cause}{text.next_step}", code


def test_an_unknown_code_still_says_something() -> None:
    assert error_text("never heard of").title == "The engine failed"


def test_the_terminal_line_is_one_line() -> None:
    assert "\n" not in error_line("model-file", "a\nb")
