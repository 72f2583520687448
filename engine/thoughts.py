"""Splits a streaming generation into hidden thought and visible response.

Models mark their thoughts in different ways; all known styles are recognised, in any chunking of
the text. Text is held back only while it could still become a marker. A thought opens only before
any visible text: a response may speak about the markers. Knows nothing of tokens.

Styles: tag pairs such as <think>, OpenAI's Harmony channels (github.com/openai/harmony), Gemma's
and Solar's channels, and the plain sentences of Granite 3.2 and Thought Preference Optimization
(arXiv 2410.10630, figure 2). Sources: the chat templates that llama.cpp ships.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Final


@dataclass(frozen=True, slots=True)
class _Style:
    """How one family of models marks a thought.

    Attributes:
        opens: What opens it.
        closes: What ends it and begins the response.
        closing_text: What closes it as the model itself would.
        inside: Markers dropped within the thought, which goes on.
        after: Markers dropped from the response.
    """

    opens: tuple[str, ...]
    closes: tuple[str, ...]
    closing_text: str
    inside: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


def _pair(opens: str, closes: str, after: tuple[str, ...] = ()) -> _Style:
    return _Style((opens,), (closes,), f"\n{closes}\n\n", after=after)


_HARMONY_TURNS: Final = ("<|end|><|start|>assistant", "<|start|>assistant", "")
_HARMONY: Final = _Style(
    opens=("<|channel|>analysis<|message|>", "<|channel|>commentary<|message|>"),
    closes=tuple(f"{turn}<|channel|>final<|message|>" for turn in _HARMONY_TURNS),
    closing_text="<|end|><|start|>assistant<|channel|>final<|message|>",
    inside=tuple(
        f"{turn}<|channel|>{channel}<|message|>"
        for turn in _HARMONY_TURNS
        for channel in ("analysis", "commentary")
    ),
    after=("<|end|>", "<|return|>"),
)
_SOLAR: Final = _Style(
    opens=("<|think|>",),
    closes=("<|end|><|begin|>assistant<|content|>", "<|content|>"),
    closing_text="<|end|><|begin|>assistant<|content|>",
    after=("<|end|>",),
)
_COHERE: Final = _pair(
    "<|START_THINKING|>", "<|END_THINKING|>", ("<|START_RESPONSE|>", "<|END_RESPONSE|>")
)
_TAGS: Final = (
    _pair("<think>", "</think>"),
    _pair("<thinking>", "</thinking>"),
    _pair("<thought>", "</thought>"),
    _pair("<reasoning>", "</reasoning>"),
    _pair("<seed:think>", "</seed:think>"),
    _pair("<mm:think>", "</mm:think>"),
    _pair("[THINK]", "[/THINK]"),
    _pair("◁think▷", "◁/think▷"),
    _pair("<|inner_prefix|>", "<|inner_suffix|>"),
    _pair("<|channel>thought", "<channel|>"),
    _COHERE,
    _HARMONY,
    _SOLAR,
)
_BEGINNINGS: Final = ("Here is", "Here's", "Here\u2019s")
_SENTENCES: Final = _Style(
    opens=tuple(f"{begin} my thought process:" for begin in _BEGINNINGS),
    closes=tuple(f"{begin} my response:" for begin in _BEGINNINGS),
    closing_text="\n\nHere is my response:\n",
)
_STYLES: Final = (
    *_TAGS,
    _pair("<internal thought>", "<response>", ("</response>",)),
    _SENTENCES,
)
_BEFORE_RESPONSE: Final[dict[str, _Style]] = {
    **dict.fromkeys((*_HARMONY.closes, "<|start|>assistant"), _HARMONY),
    **dict.fromkeys((*_SOLAR.closes, "<|begin|>assistant"), _SOLAR),
    "<|START_RESPONSE|>": _COHERE,
}
"""Markers that introduce a response without any thought, and the style they give away."""
_OPENING: Final = {opens: style for style in _STYLES for opens in style.opens}

THOUGHT_OPENINGS: Final = frozenset(_OPENING)
"""Markers that open a thought."""
REPLY_MARKERS: Final = frozenset(_BEFORE_RESPONSE)
"""Markers that a response may begin with and that are no part of it."""
MARKER_TOKENS: Final = frozenset(
    token
    for style in _STYLES
    for marker in (*style.opens, *style.closes, *style.inside, *style.after)
    for token in re.findall(r"<[^<>]+>|\[[^]]+\]|◁[^▷]+▷", marker)
) | {"<|start|>", "<|begin|>"}
"""Texts that a vocabulary may hold as control tokens and must give out for markers to be seen."""


class _Part(Enum):
    """What a piece of text belongs to."""

    THOUGHT = auto()
    RESPONSE = auto()
    MARKER = auto()


THOUGHT_ENDS: Final = frozenset(style.closes[0] for style in _STYLES if len(style.closes) == 1)
"""Markers that end a thought by themselves; a vocabulary may hold them as one token."""


def thought_opening_of(prompt: str) -> str:
    """The marker a rendered prompt ends with, so that the text begins inside a thought, or ""."""
    end = prompt[-80:].rstrip()
    return max((opens for opens in _OPENING if end.endswith(opens)), key=len, default="")


def marker_pieces(text: str, opening: str = "") -> list[tuple[str, bool]]:
    """Cut what a model wrote at the markers of its hidden thought.

    Args:
        text: What it wrote.
        opening: As of `ThoughtSplitter`.

    Returns:
        The pieces, which make up the text again, each with whether it is such a marker.
    """
    return ThoughtSplitter(opening).cut(text)


def beginning_text(thought: str, response: str, opening: str) -> str:
    """Write a thought and a response as a model would whose prompt opens thoughts like this.

    For text of which only these two parts are known, or that another model wrote.

    Args:
        thought: The hidden thought, or "".
        response: The response, or "" where the thought has not ended.
        opening: The marker with which the prompt opened the hidden thought, or "".
    """
    style = _OPENING.get(opening, _TAGS[0])
    before = "" if opening or not thought else f"{style.opens[0]}\n"
    thinking = bool(opening or thought)
    return f"{before}{thought}{style.closing_text if thinking and response else ''}{response}"


class ThoughtSplitter:
    """Feeds on pieces of text and says which part each belongs to.

    Args:
        opening: The marker with which the prompt opened a thought, so that the text begins inside
            it, or "".
    """

    def __init__(self, opening: str = "") -> None:
        self._thinking: _Style | None = _opened_by_prompt(opening) if opening else None
        self._seen: _Style | None = self._thinking
        self._responding = False
        self._held = ""

    @property
    def in_thought(self) -> bool:
        """Whether the text so far ends inside a thought; one that ends there is no answer."""
        return self._thinking is not None

    @property
    def closing_text(self) -> str:
        """What closes the present thought as the model itself would."""
        return (self._thinking or _TAGS[0]).closing_text

    def feed(self, text: str) -> tuple[str, str]:
        """Take a piece of text.

        Returns:
            New text of the thought, and new text of the response.
        """
        return self._parts(text, final=False)

    def close(self) -> tuple[str, str]:
        """Take the end of the text; what was held back is given out."""
        return self._parts("", final=True)

    def cut(self, text: str) -> list[tuple[str, bool]]:
        """Take a whole text; see `marker_pieces`."""
        self._held += text
        drained = self._drain(final=True)
        return [(piece, part is _Part.MARKER) for part, piece in drained if piece]

    def _parts(self, text: str, *, final: bool) -> tuple[str, str]:
        self._held += text
        drained = self._drain(final=final)
        thought = "".join(piece for part, piece in drained if part is _Part.THOUGHT)
        return thought, "".join(piece for part, piece in drained if part is _Part.RESPONSE)

    def _drain(self, *, final: bool) -> list[tuple[_Part, str]]:
        """Give out everything up to what could still become a marker."""
        parts: list[tuple[_Part, str]] = []
        while True:
            markers = self._markers()
            open_end = len(self._held) if final else _possible_marker(self._held, markers)
            place, marker = _first_marker(self._held, markers)
            sure = min(place, open_end)
            text = self._held[:sure]
            if self._thinking is None and not self._responding and text.strip():
                self._responding = True  # visible text came first: nothing opens after it
                continue
            parts.append((_Part.THOUGHT if self._thinking else _Part.RESPONSE, text))
            if place >= open_end:
                self._held = self._held[sure:]
                return parts
            self._held = self._held[place + len(marker) :]
            parts.append((_Part.MARKER, marker))
            self._turn(marker)

    def _markers(self) -> tuple[str, ...]:
        """What may change the part now."""
        if self._thinking is not None:
            return (*self._thinking.closes, *self._thinking.inside)
        after = self._seen.after if self._seen is not None else ()
        if self._responding:
            return after
        return (*_OPENING, *_BEFORE_RESPONSE, *after)

    def _turn(self, marker: str) -> None:
        if self._thinking is None:
            self._thinking = _OPENING.get(marker)
            self._seen = self._thinking or _BEFORE_RESPONSE.get(marker) or self._seen
        elif marker in self._thinking.closes:
            self._thinking = None


def _opened_by_prompt(opening: str) -> _Style:
    """A thought that any marker closes: templates open one and let the model close another."""
    style = _OPENING.get(opening, _TAGS[0])
    return replace(style, closes=tuple({c: None for s in (style, *_TAGS) for c in s.closes}))


def _first_marker(text: str, markers: tuple[str, ...]) -> tuple[int, str]:
    """The earliest marker in the text, at one place the longest; past the end if there is none."""
    hits = [
        (place, -len(marker), marker) for marker in markers if (place := text.find(marker)) >= 0
    ]
    place, _, marker = min(hits, default=(len(text) + 1, 0, ""))
    return place, marker


def _possible_marker(text: str, markers: tuple[str, ...]) -> int:
    """Where the end of the text begins an unfinished marker; its length if it does not."""
    longest = max(map(len, markers), default=0)
    for place in range(max(0, len(text) - longest + 1), len(text)):
        tail = text[place:]
        if any(marker.startswith(tail) and marker != tail for marker in markers):
            return place
    return len(text)
