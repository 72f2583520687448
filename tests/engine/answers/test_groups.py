"""Groups by exact key and by the real math-verify in its own process."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from engine.answers.canonical import canonical_key
from engine.answers.equivalence import EquivalenceChecker
from engine.answers.groups import AnswerGroups
from engine.candidate import ExtractedAnswer
from engine.tally import GroupingMethod


@pytest.fixture(scope="module")
def checker() -> Iterator[EquivalenceChecker]:
    checker = EquivalenceChecker()
    yield checker
    checker.close()


def answer(text: str) -> ExtractedAnswer:
    return ExtractedAnswer(text, canonical_key(text), "boxed")


def test_plain_answers_never_start_the_process() -> None:
    checker = EquivalenceChecker()
    groups = AnswerGroups(checker)
    for text in ("4", "5", "4.0", "Paris"):
        groups.add(answer(text))
    assert checker._process is None
    assert set(groups.group_of.values()) == {"4", "5", "paris"}
    assert groups.method is GroupingMethod.EXACT


def test_equal_expressions_share_a_group(checker: EquivalenceChecker) -> None:
    groups = AnswerGroups(checker)
    first = groups.add(answer("2\\sqrt{2}"))
    assert groups.add(answer("\\sqrt{8}")) == first
    assert groups.add(answer("\\sqrt{7}")) != first
    assert groups.method is GroupingMethod.SYMBOLIC


def test_a_killed_process_is_replaced(checker: EquivalenceChecker) -> None:
    assert checker.compare("x+1", "1+x") is True
    assert checker._process is not None
    os.kill(checker._process.pid, signal.SIGKILL)
    checker._process.wait()
    checker.compare("x+1", "1+x")
    assert checker.compare("x+1", "1+x") is True


def test_a_hanging_comparison_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    checker = EquivalenceChecker()
    assert checker.compare("x+1", "1+x") is True
    assert checker._process is not None
    monkeypatch.setattr("engine.answers.equivalence.TIMEOUT_SECONDS", 0.2)
    os.kill(checker._process.pid, signal.SIGSTOP)
    assert checker.compare("x", "y") is None
    assert checker._process is None


@pytest.mark.parametrize("text", ["2^{2^{2^{2^{2}}}}", "9" * 1000, "5!!!"])
def test_harmful_expressions_are_not_even_asked(text: str) -> None:
    checker = EquivalenceChecker()
    assert checker.compare(text, "x") is None
    assert checker._process is None
