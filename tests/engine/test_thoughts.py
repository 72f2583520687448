"""Hidden thought and response, split from every style in every chunking."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.thoughts import ThoughtSplitter

STYLES = [
    ("<think>two and two</think>So four.", "two and two", "So four."),
    ("\n<think>\ndeep\n</think>\n\nFour.", "\ndeep\n", "Four."),
    ("<thinking>hm</thinking>4", "hm", "4"),
    ("[THINK]hm[/THINK]4", "hm", "4"),
    ("<seed:think>hm</seed:think>4", "hm", "4"),
    ("<|START_THINKING|>hm<|END_THINKING|><|START_RESPONSE|>4<|END_RESPONSE|>", "hm", "4"),
    (
        "<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>4"
        "<|return|>",
        "hm",
        "4",
    ),
    ("Here is my thought process:\nhm\nHere is my response:\n4", "hm", "4"),
    ("Here's my thought process: hm Here's my response: 4", "hm", "4"),
    ("No thought at all, a < b and [x].", "", "No thought at all, a < b and [x]."),
    ("Use the tag <think> in a sentence.", "", "Use the tag <think> in a sentence."),
]


def split(pieces: list[str], *, opened: bool = False) -> tuple[str, str, bool]:
    splitter = ThoughtSplitter(opened=opened)
    parts = [splitter.feed(piece) for piece in pieces]
    parts.append(splitter.close())
    thought = "".join(part[0] for part in parts)
    return thought, "".join(part[1] for part in parts), splitter.unterminated


@pytest.mark.parametrize(("text", "thought", "response"), STYLES)
def test_every_style_is_split(text: str, thought: str, response: str) -> None:
    found = split([text])
    assert (found[0].strip(), found[1].strip(), found[2]) == (thought.strip(), response, False)


@given(st.sampled_from([style[0] for style in STYLES]), st.data())
def test_any_chunking_gives_the_same(text: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=12)))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert split(pieces) == split([text])


@given(st.text(alphabet="<>/think|ab ", max_size=60))
def test_no_character_is_lost_without_a_marker(text: str) -> None:
    markers = ("<think>", "</think>", "<thinking>")
    if any(marker in text for marker in markers):
        return
    assert split(list(text))[1] == text


def test_a_thought_the_prompt_opened_closes_with_its_tag() -> None:
    assert split(["so 2+2", "=4</thi", "nk>\n4"], opened=True) == ("so 2+2=4", "\n4", False)


def test_an_unterminated_thought_is_told() -> None:
    assert split(["<think>hm, Answer: 4"]) == ("hm, Answer: 4", "", True)


@pytest.mark.parametrize("text", [style[0] for style in STYLES[:9]])
def test_the_closing_text_closes_the_style_it_belongs_to(text: str) -> None:
    splitter = ThoughtSplitter()
    for character in text:
        splitter.feed(character)
        if splitter.in_thought:
            break
    splitter.feed(splitter.closing_text)
    assert not splitter.in_thought
    assert splitter.feed("Answer: 4")[1] + splitter.close()[1] == "Answer: 4"
