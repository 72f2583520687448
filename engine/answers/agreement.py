"""Agreement of open responses: what to ask the model, how to read its reply, and the medoid.

Pure functions; `engine.response_grouping` runs them. Asking in both orders guards against position
bias (Universal Self-Consistency, arXiv 2311.17311, and its known weakness).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from engine.generation import Message

_SHOWN_CHARACTERS: Final = 1500
_COMPARED_WORDS: Final = 400
_COMPARED_CHARACTERS: Final = 8000
_MOST_PEERS: Final = 64
"""With more responses, each is compared with this many of them, evenly spread."""
_GAP: Final = "\n…\n"


def judge_messages(question: str, first: str, second: str) -> tuple[Message, ...]:
    """Return the conversation that asks whether two responses say the same.

    Args:
        question: What was asked.
        first: A response. Of a long one, beginning and end are shown: conclusions come last.
        second: Another.
    """
    return (
        Message(
            "user",
            "Two people answered the same question. Do both answers come to the same conclusion? "
            "Reply with one word, yes or no.\n\n"
            f"Question: {_shown(question)}\n\n"
            f"First answer: {_shown(first)}\n\n"
            f"Second answer: {_shown(second)}\n\n"
            "Same conclusion, yes or no?",
        ),
    )


def parse_judgement(reply: str) -> bool | None:
    """Read yes or no from the first word of a reply, or None."""
    word = re.match(r"\W*(yes|no)\b", reply, re.IGNORECASE)
    return None if word is None else word[1].lower() == "yes"


def medoid(responses: Sequence[str]) -> int:
    """Return the position of the response most like all others; of equals the first.

    Likeness is the overlap of their sets of words (F1), of each the first 400 words.

    Args:
        responses: At least one.
    """
    words = [_words(response) for response in responses]
    step = max(1, len(words) / _MOST_PEERS)
    peers = [int(number * step) for number in range(min(len(words), _MOST_PEERS))]

    def likeness(place: int) -> float:
        others = [peer for peer in peers if peer != place]
        shared = sum(_overlap(words[place], words[peer]) for peer in others)
        return shared / len(others) if others else 0.0

    return max(range(len(words)), key=lambda place: (likeness(place), -place))


def _shown(text: str) -> str:
    if len(text) <= _SHOWN_CHARACTERS:
        return text
    half = (_SHOWN_CHARACTERS - len(_GAP)) // 2
    return f"{text[:half]}{_GAP}{text[-half:]}"


def _words(text: str) -> frozenset[str]:
    found = re.findall(r"\w+", text[:_COMPARED_CHARACTERS].casefold())
    return frozenset(found[:_COMPARED_WORDS])


def _overlap(first: frozenset[str], second: frozenset[str]) -> float:
    total = len(first) + len(second)
    return 2 * len(first & second) / total if total else 0.0
