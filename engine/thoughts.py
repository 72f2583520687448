"""Splits a streaming generation into hidden thought and visible response.

Models mark their thoughts in different ways; all known styles are recognised, in any chunking of
the text. Text is held back only while it could still become a marker. Knows nothing of tokens.

Styles: tag pairs such as <think>, OpenAI's Harmony channels (github.com/openai/harmony), and the
plain sentences of Granite 3.2 and Thought Preference Optimization (arXiv 2410.10630, figure 2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class _Style:
    """How a thought opens and how it closes."""

    opens: str
    closes: tuple[str, ...]
    closing_text: str


_PAIRS: Final = (
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("<thought>", "</thought>"),
    ("<reasoning>", "</reasoning>"),
    ("<seed:think>", "</seed:think>"),
    ("<|START_THINKING|>", "<|END_THINKING|>"),
    ("[THINK]", "[/THINK]"),
    ("<internal thought>", "<response>"),
)
_FINAL = "<|start|>assistant<|channel|>final<|message|>"
_HARMONY_CLOSES = (
    "<|end|><|start|>assistant<|channel|>final<|message|>",
    "<|channel|>final<|message|>",
)
_STYLES: Final = (
    *(_Style(opens, (closes,), f"\n{closes}\n\n") for opens, closes in _PAIRS),
    _Style("<|channel|>analysis<|message|>", _HARMONY_CLOSES, f"<|end|>{_FINAL}"),
    _Style("<|channel|>commentary<|message|>", _HARMONY_CLOSES, f"<|end|>{_FINAL}"),
    _Style(
        "Here is my thought process:",
        ("Here is my response:", "Here's my response:"),
        "\n\nHere is my response:\n",
    ),
    _Style(
        "Here's my thought process:",
        ("Here's my response:", "Here is my response:"),
        "\n\nHere's my response:\n",
    ),
)
_DEFAULT: Final = _STYLES[0]
_SILENT: Final = (
    "<|channel|>final<|message|>",
    "<|start|>assistant",
    "<|START_RESPONSE|>",
    "<|END_RESPONSE|>",
    "<|return|>",
    "<|end|>",
)
"""Markers of the visible part: dropped from the text."""


class ThoughtSplitter:
    """Feeds on pieces of text and says which part each belongs to.

    Args:
        opened: Whether the prompt already opened the thought, so that the text begins inside it.
    """

    def __init__(self, *, opened: bool = False) -> None:
        self._style: _Style | None = _DEFAULT if opened else None
        self._held = ""
        self._seen_response = False

    @property
    def in_thought(self) -> bool:
        """Whether the text so far ends inside a thought."""
        return self._style is not None

    @property
    def unterminated(self) -> bool:
        """Whether the text has ended inside a thought, which is no answer."""
        return self._style is not None

    @property
    def closing_text(self) -> str:
        """What closes the present thought as the model itself would."""
        return (self._style or _DEFAULT).closing_text

    def feed(self, text: str) -> tuple[str, str]:
        """Take a piece of text.

        Returns:
            New text of the thought, and new text of the response.
        """
        self._held += text
        return self._drain(final=False)

    def close(self) -> tuple[str, str]:
        """Take the end of the text; what was held back is given out."""
        return self._drain(final=True)

    def _drain(self, *, final: bool) -> tuple[str, str]:
        thought: list[str] = []
        response: list[str] = []
        while True:
            markers = self._markers()
            found = _first(self._held, markers)
            if found is None:
                break
            place, marker = found
            if self._style is None and not self._seen_response and self._held[:place].strip():
                self._seen_response = True  # visible text came first: nothing opens after it
                continue
            (thought if self._style else response).append(self._held[:place])
            self._note(self._held[:place])
            self._held = self._held[place + len(marker) :]
            self._turn(marker)
        keep = 0 if final else _possible_marker(self._held, markers)
        rest = self._held[: len(self._held) - keep]
        self._held = self._held[len(rest) :]
        (thought if self._style else response).append(rest)
        self._note(rest)
        return "".join(thought), "".join(response)

    def _note(self, text: str) -> None:
        if self._style is None and text.strip():
            self._seen_response = True

    def _markers(self) -> tuple[str, ...]:
        """What may change the part now. A thought opens only before any visible text."""
        if self._style is not None:
            return self._style.closes
        if self._seen_response:
            return _SILENT
        return (*(style.opens for style in _STYLES), *_SILENT)

    def _turn(self, marker: str) -> None:
        if self._style is not None:
            self._style = None
            return
        self._style = next((style for style in _STYLES if style.opens == marker), None)


def _first(text: str, markers: tuple[str, ...]) -> tuple[int, str] | None:
    """The earliest marker in the text; at one place the longest."""
    hits = [(text.find(marker), -len(marker), marker) for marker in markers]
    hits = [hit for hit in hits if hit[0] >= 0]
    if not hits:
        return None
    place, _, marker = min(hits)
    return place, marker


def _possible_marker(text: str, markers: tuple[str, ...]) -> int:
    """Length of the longest end of the text that begins a marker."""
    longest = max(map(len, markers))
    for size in range(min(longest - 1, len(text)), 0, -1):
        tail = text[-size:]
        if any(marker.startswith(tail) for marker in markers):
            return size
    return 0
