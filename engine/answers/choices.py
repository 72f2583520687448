"""Choice questions: the letters a question offers, and the letter a response settles on.

Knows nothing of keys or rules; `engine.answers.extract` asks it.
"""

from __future__ import annotations

import re
from typing import Final

_READ_CHARACTERS: Final = 20_000
_OFFER = re.compile(
    r"(?:^[ \t]*+(?:[-*][ \t]*+)?\(?|(?<=\s)\()([A-Ja-j])[).:\]][ \t]+(\S[^\n(]*)",
    re.MULTILINE,
)
_STATED = re.compile(
    r"\b(?i:option|choice|answer|correct|choose|pick|select)(?i:\s+(?:option|choice|answer|one))?"
    r"(?:\s+(?i:is|would\s+be|must\s+be)|\s*:)?\s*[*(\[]{0,3}([A-J])\b(?!['\u2019])"
)
_ALONE = re.compile(r"^[ \t]*[*_(\[]{0,3}([A-J])[*_)\].]{0,3}[ \t]*$", re.MULTILINE)
_LISTED = re.compile(r"^[ \t]*[*_]{0,2}\(?([A-J])[).:]", re.MULTILINE)
_LEADING = re.compile(r"[*_(\[]{0,3}([A-Ja-j])(?:[*_)\].:,]|\s|$)")


def offered_choices(question: str) -> dict[str, str]:
    """Return the choices a question lists, letter to text; empty if it is no choice question."""
    found = {
        match[1].upper(): " ".join(match[2].split()).rstrip(".,;")
        for match in _OFFER.finditer(question[-_READ_CHARACTERS:])
    }
    complete = "".join(sorted(found)) == "ABCDEFGHIJ"[: len(found)]
    return found if len(found) > 1 and complete else {}


def letter_of(answer: str, offered: dict[str, str]) -> str | None:
    """Return the letter an extracted answer means: "B", "(B) whale", or a choice's own text."""
    plain = " ".join(answer.split()).strip(".,;*_ ")
    for letter, text in offered.items():
        if text and plain.casefold() == text.casefold():
            return letter
    leading = _LEADING.match(plain)
    if leading is None or leading[1].upper() not in offered:
        return None
    rest = plain[leading.end() :]
    return leading[1].upper() if leading[1].isupper() or not rest.strip() else None


def chosen_letter(response: str, offered: dict[str, str]) -> str | None:
    """Return the letter a free response settles on, or None when it names none or weighs several.

    What is stated ("the correct option is B") or stands alone counts before what is only listed.
    """
    for pattern in (_STATED, _ALONE):
        named = [letter for letter in pattern.findall(response) if letter in offered]
        if named:
            return str(named[-1])
    listed = {letter for letter in _LISTED.findall(response) if letter in offered}
    return listed.pop() if len(listed) == 1 else None
