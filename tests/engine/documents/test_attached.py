"""Files behind a question: put together and taken apart again, whatever they say."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.budget import Budget
from engine.documents.attached import AttachedFile, with_files, without_files
from engine.generation import Message
from tests.engine.test_deliberation import Run

_TEXT = st.text(st.sampled_from("ab \n`:File"), max_size=60)


@given(_TEXT, st.lists(st.builds(AttachedFile, st.just("a.txt"), _TEXT), min_size=1, max_size=3))
def test_what_was_put_together_comes_apart_again(said: str, files: list[AttachedFile]) -> None:
    text = said.strip()
    content = with_files(text, files)
    found_text, found = without_files(content)
    if without_files(text) == (text, ()):  # it does not end as if files followed
        assert (found_text, found) == (text, tuple(files))


def test_it_reads_like_a_question_with_its_files() -> None:
    content = with_files("Which is larger?", [AttachedFile("a.csv", "x,y\n1,2")])
    assert content == "Which is larger?\n\nFile: a.csv\n```\nx,y\n1,2\n```"


def test_a_fence_in_a_file_ends_nothing() -> None:
    files = (AttachedFile("a.md", "````\ncode\n````"), AttachedFile("b", "```"))
    content = with_files("Why?", files)
    assert "`````\n````\ncode" in content
    assert without_files(content) == ("Why?", files)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "How many?",
        "File: a",
        "Look:\n\nFile: a.txt\n```\nno end",
        "Look:\n\nFile: a.txt\n```\nx\n```\nand more words",
        "File: x\n```\n" * 400,
    ],
)
def test_a_question_without_files_is_left_as_it_is(text: str) -> None:
    assert without_files(text) == (text, ())


def test_words_that_look_like_a_file_do_not_hide_one() -> None:
    said = "Is this a file?\n\nFile: a\n```\nx\n``` or not"
    files = (AttachedFile("b.txt", "yes"),)
    assert without_files(with_files(said, files)) == (said, files)


def test_a_name_stays_on_its_line() -> None:
    name = "a\n```\nb" + "x" * 300 + ".txt"
    (found,) = without_files(with_files("?", [AttachedFile(name, "t")]))[1]
    assert found.text == "t"
    assert len(found.name) <= 120
    assert found.name.startswith("a ``` b")
    assert found.name.endswith(".txt")


@pytest.mark.parametrize("strategy", ["vote", "search"])
@pytest.mark.parametrize(
    ("question", "response"),
    [
        ("How many apples are there?", "I count. There are 18 apples."),
        ("Which is it? A) a cat B) a whale", "Answer: a whale"),
    ],
)
def test_an_answer_is_looked_for_as_if_no_file_were_there(
    tmp_path: Path, question: str, response: str, strategy: str
) -> None:
    file = AttachedFile("a.txt", "Describe C) D) 7 " * 2000)
    found = []
    for number, content in enumerate((question, with_files(question, [file]))):
        folder = tmp_path / str(number)
        folder.mkdir()
        run = Run(
            folder,
            [{"text": response}],
            strategy=strategy,
            budget=Budget(2),
            messages=(Message("user", content),),
        )
        run.deliberation.begin()
        found.append(run.finish().verdict.answer)
    assert found[0] is not None
    assert found[0] == found[1]
