"""Agreement of open responses: what to ask the model, how to read its reply, and the medoid.

Pure functions; `engine.judgement` runs them. Asking in both orders guards against position bias
(Universal Self-Consistency, arXiv 2311.17311, and its known weakness).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from engine.generation import Message

_SHOWN_CHARACTERS = 1500
_COMPARED_WORDS = 400


def judge_messages(question: str, first: str, second: str) -> tuple[Message, ...]:
    """Return the conversation that asks whether two responses say the same."""
    return (
        Message(
            "user",
            "Two people answered the same question. Do both answers come to the same conclusion? "
            "Reply with one word, yes or no.\n\n"
            f"Question: {question[:_SHOWN_CHARACTERS]}\n\n"
            f"First answer: {first[:_SHOWN_CHARACTERS]}\n\n"
            f"Second answer: {second[:_SHOWN_CHARACTERS]}\n\n"
            "Same conclusion, yes or no?",
        ),
    )


def parse_judgement(reply: str) -> bool | None:
    """Read yes or no from the first word of a reply, or None."""
    word = re.match(r"\W*(yes|no)\b", reply, re.IGNORECASE)
    return None if word is None else word[1].lower() == "yes"


def medoid(responses: Sequence[str]) -> int:
    """Return the position of the response most like all others, by overlap of words (F1).

    Args:
        responses: At least one; of each, the first 400 words count.
    """
    bags = [Counter(_words(response)) for response in responses]
    likeness = [
        sum(_overlap(bag, other) for number, other in enumerate(bags) if number != place)
        for place, bag in enumerate(bags)
    ]
    return max(range(len(bags)), key=lambda place: (likeness[place], -place))


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())[:_COMPARED_WORDS]


def _overlap(first: Counter[str], second: Counter[str]) -> float:
    shared = (first & second).total()
    total = first.total() + second.total()
    return 2 * shared / total if total else 0.0
