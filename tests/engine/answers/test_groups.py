"""Groups by exact key and by the real math-verify in its own process."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.answers.canonical import canonical_key
from engine.answers.equivalence import EquivalenceChecker, is_harmless
from engine.answers.groups import MOST_SECONDS, AnswerGroups
from engine.candidate import ExtractedAnswer
from engine.tally import GroupingMethod


@pytest.fixture(scope="module")
def checker() -> Iterator[EquivalenceChecker]:
    checker = EquivalenceChecker()
    yield checker
    checker.close()


def answer(text: str) -> ExtractedAnswer:
    return ExtractedAnswer(text, canonical_key(text), "boxed")


def child(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


SAYS_NO = """
import sys
print("ready", flush=True)
for _ in sys.stdin:
    print("false", flush=True)
"""


def test_plain_answers_never_start_the_process() -> None:
    checker = EquivalenceChecker()
    groups = AnswerGroups(checker)
    for text in ("4", "5", "4.0", "Paris", "50%"):
        groups.add(answer(text))
    assert checker.process_id is None
    assert set(groups.group_of.values()) == {"4", "5", "paris", "50%"}
    assert (groups.method, groups.notice) == (GroupingMethod.EXACT, None)


def test_equal_expressions_share_a_group(checker: EquivalenceChecker) -> None:
    groups = AnswerGroups(checker)
    first = groups.add(answer("2\\sqrt{2}"))
    assert groups.add(answer("\\sqrt{8}")) == first
    assert groups.add(answer("\\sqrt{7}")) != first
    assert groups.method is GroupingMethod.SYMBOLIC
    assert groups.group_of["\\sqrt{8}"] == first


@pytest.mark.parametrize(
    ("first", "second", "equal"),
    [
        ("x+1", "1+x", True),
        ("(x+1)^2", "x^2+2x+1", True),
        ("\\frac{\\pi}{2}", "0.5\\pi", True),
        ("x^2y^3", "y^3x^2", True),
        ("1 < x < 2", "(1,2)", True),
        ("(1,2)", "1 < x < 2", True),
        ("x+1", "x+2", False),
        ("(1,2)", "(2,1)", False),
    ],
)
def test_the_checker_tells_equal_from_different(
    checker: EquivalenceChecker, first: str, second: str, *, equal: bool
) -> None:
    assert checker.compare(first, second) is equal


def test_what_cannot_be_parsed_is_unknown(checker: EquivalenceChecker) -> None:
    assert checker.compare("}{", "x") is not True


def test_a_key_never_joins_through_a_third(checker: EquivalenceChecker) -> None:
    """math-verify holds 50% equal to both; in order of arrival each keeps its own group."""
    groups = AnswerGroups(checker)
    placed = [groups.add(answer(text)) for text in ("0.5", "50", "50%")]
    assert len(set(placed)) == 3


def test_a_killed_process_is_replaced(checker: EquivalenceChecker) -> None:
    assert checker.compare("x+1", "1+x") is True
    first = checker.process_id
    assert first is not None
    os.kill(first, signal.SIGKILL)
    checker.compare("x+1", "1+x")
    assert checker.compare("x+1", "1+x") is True
    assert checker.process_id != first


def test_a_hanging_comparison_is_given_up_and_the_next_one_works() -> None:
    checker = EquivalenceChecker()
    assert checker.compare("x+1", "1+x") is True
    assert checker.process_id is not None
    os.kill(checker.process_id, signal.SIGSTOP)
    assert checker.compare("x", "y", timeout_seconds=0.2) is None
    assert checker.process_id is None
    assert checker.notice is None
    assert checker.compare("x+1", "1+x") is True
    checker.close()


@pytest.mark.parametrize("code", ["pass", "print('hello')", "import no_such_module_at_all"])
def test_a_process_that_does_not_start_is_told(code: str) -> None:
    checker = EquivalenceChecker(child(code))
    groups = AnswerGroups(checker)
    for text in ("x+1", "1+x", "x+2"):
        assert groups.add(answer(text)) == canonical_key(text)
    assert groups.notice is not None
    assert groups.notice.code == "symbolic-unavailable"
    assert checker.process_id is None


def test_a_missing_program_is_told() -> None:
    checker = EquivalenceChecker(("/nowhere/at/all",))
    assert [checker.compare("x", "y") for _ in range(3)] == [None] * 3
    assert checker.notice is not None


def test_a_deliberation_stops_comparing_when_its_time_is_used_up() -> None:
    says_no = (
        "import sys\nprint('ready', flush=True)\nfor _ in sys.stdin: print('false', flush=True)"
    )
    checker = EquivalenceChecker(child(says_no))
    seconds = iter(range(0, 1000, 6))
    groups = AnswerGroups(checker, clock=lambda: float(next(seconds)))
    for text in ("x+1", "x+2"):
        groups.add(answer(text))
    assert groups.notice is None
    for text in ("x+3", "x+4"):
        groups.add(answer(text))
    assert groups.notice is not None
    assert f"{MOST_SECONDS:.0f} s" in groups.notice.detail
    assert len(set(groups.group_of.values())) == 4
    checker.close()


@pytest.mark.parametrize(
    "text",
    ["2^{2^{2^{2^{2}}}}", "2^2^2", "2**2**2", "9^99999", "9^(9^9)", "9" * 1000, "5!!!", "99999!",
     "(9!)!", "((((" * 20, "\\sum_{k=1}^{9} k"],
)  # fmt: skip
def test_harmful_expressions_are_not_even_asked(text: str) -> None:
    checker = EquivalenceChecker()
    assert checker.compare(text, "x") is None
    assert checker.compare("x", text) is None
    assert checker.process_id is None


@pytest.mark.parametrize(
    "text", ["x^2y^2", "x^{12}+1", "(x+1)^2", "5!", "2^{n+1}", "e^{2x}", "2**10"]
)
def test_ordinary_expressions_are_asked(text: str) -> None:
    assert is_harmless(text)


@given(st.lists(st.sampled_from(["1", "2/4", "1/2", "0.5", "Paris", "paris.", "B", "(b)"])))
def test_groups_by_exact_key_are_the_keys(texts: list[str]) -> None:
    groups = AnswerGroups(EquivalenceChecker())
    for text in texts:
        assert groups.add(answer(text)) == canonical_key(text)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("1, 2, 3", "1,2,3", True),
        ("1, 2, 3", "3, 2, 1", False),
        ("1, 1, 2", "1, 2", False),
        ("-2, 2", "2, -2", True),
        ("0.5, 2", "1/2; 2", True),
        ("A-B-C", "A-C-B", False),
        ("2024/1/5", "2024/5/1", False),
    ],
)
def test_lists_and_orders(one: str, other: str, same: bool, checker: EquivalenceChecker) -> None:  # noqa: FBT001
    groups = AnswerGroups(checker)
    assert (groups.add(answer(one)) == groups.add(answer(other))) is same
