"""How earlier attempts are shown to a model: numbered, and shortened where they are long."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

_SHOWN_CHARACTERS: Final = 600
_SHOWN_BEGINNING: Final = 200
_GAP: Final = " … "


def listed_attempts(attempts: Sequence[str]) -> str:
    """Return attempts as a numbered list; empty ones are left out.

    Args:
        attempts: Responses, oldest first. Each is shown up to 600 characters, of a longer one its
            beginning and its end.
    """
    spoken = [attempt.strip() for attempt in attempts if attempt.strip()]
    return "\n".join(f"{number}. {_shown(text)}" for number, text in enumerate(spoken, start=1))


def _shown(text: str) -> str:
    if len(text) <= _SHOWN_CHARACTERS:
        return text
    end = _SHOWN_CHARACTERS - _SHOWN_BEGINNING - len(_GAP)
    return f"{text[:_SHOWN_BEGINNING]}{_GAP}{text[-end:]}"
