"""Hidden thought and response, split from every style in every chunking."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.thoughts import MARKER_TOKENS, ThoughtSplitter, thought_opening_of

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
    ("Here\u2019s my thought process: hm Here is my response: 4", "hm", "4"),
    ("<internal thought>hm<response>4</response>", "hm", "4"),
    ("<|think|>hm<|end|><|begin|>assistant<|content|>4", "hm", "4"),
    ("<|channel>thought\nhm<channel|>4", "hm", "4"),
    ("<|inner_prefix|>hm<|inner_suffix|>4", "hm", "4"),
    ("\u25c1think\u25b7hm\u25c1/think\u25b74", "hm", "4"),
    (
        "<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>commentary<|message|>b"
        "<|end|><|start|>assistant<|channel|>final<|message|>4",
        "ab",
        "4",
    ),
    ("<|channel|>final<|message|>4<|return|>", "", "4"),
    ("<think>a</think>\n<think>b</think>4", "ab", "4"),
    ("No thought at all, a < b and [x].", "", "No thought at all, a < b and [x]."),
    ("Use the tag <think> in a sentence.", "", "Use the tag <think> in a sentence."),
    (
        "Here is my thought on <|end|> and </think>.",
        "",
        "Here is my thought on <|end|> and </think>.",
    ),
]


def split(pieces: list[str], *, opening: str = "") -> tuple[str, str, bool]:
    splitter = ThoughtSplitter(opening)
    parts = [splitter.feed(piece) for piece in pieces]
    parts.append(splitter.close())
    thought = "".join(part[0] for part in parts)
    return thought, "".join(part[1] for part in parts), splitter.in_thought


@pytest.mark.parametrize(("text", "thought", "response"), STYLES)
def test_every_style_is_split(text: str, thought: str, response: str) -> None:
    found = split([text])
    assert (found[0].strip(), found[1].strip(), found[2]) == (thought.strip(), response, False)


PIECES = [
    "<think>", "</think>", "<thinking>", "[THINK]", "[/THINK]", "<|channel|>analysis<|message|>",
    "<|end|>", "<|start|>assistant", "<|channel|>final<|message|>", "<|channel>thought",
    "<channel|>",
    "Here is", " my thought process:", " my response:", "<", "|", "4", " ", "\n", "<|", "think",
]  # fmt: skip


@given(
    text=st.one_of(
        st.sampled_from([style[0] for style in STYLES]),
        st.lists(st.sampled_from(PIECES), max_size=14).map("".join),
    ),
    opening=st.sampled_from(["", "<think>", "[THINK]", "<|START_THINKING|>"]),
    data=st.data(),
)
def test_any_chunking_gives_the_same(text: str, opening: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=12)))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert split(pieces, opening=opening) == split([text], opening=opening)
    assert split(list(text), opening=opening) == split([text], opening=opening)


@given(st.text(alphabet="<>/think ab", max_size=60))
def test_no_character_is_lost_without_a_marker(text: str) -> None:
    assume(not any(marker in text for marker in ("<think>", "</think>")))
    assert split(list(text))[1] == text


def test_text_is_held_back_only_while_it_could_be_a_marker() -> None:
    splitter = ThoughtSplitter()
    assert [splitter.feed(piece)[1] for piece in ("4 <", " 5", "<|end", "|>")] == [
        "4 <",
        " 5",
        "<|end",
        "|>",
    ]
    thinking = ThoughtSplitter("<think>")
    assert [thinking.feed(piece)[0] for piece in ("a </", "thin", "g>", "</think")] == [
        "a ",
        "",
        "</thing>",
        "",
    ]


@pytest.mark.timeout(20)
def test_a_long_text_is_split_in_time() -> None:
    splitter = ThoughtSplitter()
    text = "<think>" + "<|" * 50_000 + "</think>" + "<th" * 50_000
    thought, response, _ = split([text[n : n + 5] for n in range(0, len(text), 5)])
    assert (len(thought), len(response)) == (100_000, 150_000)
    assert splitter.feed(text)[1] + splitter.close()[1] == response


def test_a_thought_the_prompt_opened_closes_with_its_tag() -> None:
    assert split(["so 2+2", "=4</thi", "nk>\n4"], opening="<think>") == ("so 2+2=4", "\n4", False)


@pytest.mark.parametrize(
    "closing", ["</think>", "</seed:think>", "<|END_THINKING|>", "[/THINK]", "<|inner_suffix|>"]
)
def test_whatever_the_prompt_opened_is_closed_by_its_own_marker(closing: str) -> None:
    assert split([f"hm{closing}4"], opening="<think>") == ("hm", "4", False)


@pytest.mark.parametrize(
    ("prompt", "opening"),
    [
        ("<|im_start|>assistant\n<think>\n", "<think>"),
        ("<|CHATBOT_TOKEN|><|START_THINKING|>", "<|START_THINKING|>"),
        ("[/INST][THINK]", "[THINK]"),
        ("<|im_start|>assistant\n<think>\n\n</think>\n\n", ""),
        ("<|start|>assistant", ""),
        ("", ""),
    ],
)
def test_a_prompt_says_what_it_opens_a_thought_with(prompt: str, opening: str) -> None:
    assert thought_opening_of(prompt) == opening


@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        ("<think>", "\n</think>\n\n"),
        ("<seed:think>", "\n</seed:think>\n\n"),
        ("<|START_THINKING|>", "\n<|END_THINKING|>\n\n"),
        ("[THINK]", "\n[/THINK]\n\n"),
    ],
)
def test_a_thought_at_its_cap_is_closed_as_it_was_opened(opening: str, closing: str) -> None:
    splitter = ThoughtSplitter(opening)
    splitter.feed("so 2+2")
    assert splitter.closing_text == closing
    splitter.feed(splitter.closing_text)
    assert not splitter.in_thought


def test_every_special_token_of_a_marker_is_asked_for() -> None:
    assert {"<think>", "</seed:think>", "<|channel|>", "<|message|>", "<channel|>", "[/THINK]"} <= (
        MARKER_TOKENS
    )
    assert all(token in MARKER_TOKENS for token in ("<|start|>", "<|end|>", "<|END_RESPONSE|>"))


def test_an_unterminated_thought_is_told() -> None:
    assert split(["<think>hm, Answer: 4"]) == ("hm, Answer: 4", "", True)


@pytest.mark.parametrize("text", [style[0] for style in STYLES if style[1]])
def test_the_closing_text_closes_the_style_it_belongs_to(text: str) -> None:
    splitter = ThoughtSplitter()
    for character in text:
        splitter.feed(character)
        if splitter.in_thought:
            break
    splitter.feed(splitter.closing_text)
    assert not splitter.in_thought
    assert splitter.feed("Answer: 4")[1] + splitter.close()[1] == "Answer: 4"
