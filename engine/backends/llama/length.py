"""Whether a text is too long for a context, found out without reading all of it.

The time of llama.cpp's tokenizers can grow with the square of a text's length. So a long text is
counted in stretches, and no further than the context goes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from engine.backends.llama.template import PromptPiece
from engine.generation import Message
from engine.thoughts import THOUGHT_ENDS

if TYPE_CHECKING:
    from engine.backends.llama.vocabulary import Vocabulary

_STRETCH: Final = 8192
"""Characters."""
_CUT_TOKENS: Final = 32
"""More than a cut through a text adds: it parts a word, or the name of a control token."""


def fewest_tokens(messages: Sequence[Message], vocabulary: Vocabulary, most: int) -> int:
    """Return how many tokens a conversation has at least, whatever its template makes of it.

    Args:
        messages: The conversation.
        vocabulary: The model's.
        most: What is counted to; one more is enough.
    """
    if len(messages) > most:
        return len(messages)
    return tokens_at_least([_surely_read(message) for message in messages], vocabulary, most)


def tokens_at_least(pieces: Sequence[PromptPiece], vocabulary: Vocabulary, most: int) -> int:
    """Return how many tokens the stretches of a prompt have at least; 0 if they are short anyway.

    Args:
        pieces: The stretches.
        vocabulary: The model's.
        most: What is counted to; one more is enough.
    """
    if sum(len(piece.text) for piece in pieces) <= most:
        return 0
    count = 0
    for piece in pieces:
        cut = _CUT_TOKENS if len(piece.text) > _STRETCH else 0
        for start in range(0, len(piece.text), _STRETCH):
            stretch = piece.text[start : start + _STRETCH]
            count += max(0, len(vocabulary.tokenize(stretch, special=piece.trusted)) - cut)
            if count > most:
                return count
    return count


def _surely_read(message: Message) -> PromptPiece:
    """What every template keeps of a message: some drop thoughts, and white space around it."""
    text = message.content
    if message.role == "assistant":
        ends = (text.rfind(end) + len(end) for end in THOUGHT_ENDS if end in text)
        text = text[max(ends, default=0) :]
    return PromptPiece(text.strip(), trusted=False)
