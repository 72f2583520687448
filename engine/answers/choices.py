"""Choice questions: the letters a question offers, and the letter a response settles on.

Knows nothing of keys or rules; `engine.answers.extract` asks it.
"""

from __future__ import annotations

import re
from itertools import zip_longest
from typing import Final

from engine.answers.markup import without_markup

_READ_CHARACTERS: Final = 20_000
_BOLD_OFFER = re.compile(r"\$?\\(?:textbf|mathbf|textrm|mathrm|text)\{\s*(\([A-J]\))\s*\}[\\ ~]*")
r"""Competitions set their choices so: `$\textbf{(A)}\ 10`."""
_OFFER = re.compile(
    r"(?:^[ \t]*+(?:[-*][ \t]++)?[*_]{0,2}\(?([A-Ja-j])[).:\]]|(?<=\s)\(?([A-J])\))"
    r"[*_]{0,2}[ \t]+(?=\S)",
    re.MULTILINE,
)
_STATED = re.compile(
    r"\b(?i:option|choice|answer|correct|choose|pick|select)(?i:\s+(?:option|choice|answer|one))?"
    r"(?:\s+(?i:is|would\s+be|must\s+be)\s*:?|\s*:)?\s*[*(\[]{0,3}([A-J])\b(?!['\u2019])"
    r"|\b(?i:so|thus|hence|therefore),?[ \t]+[*(\[]{0,3}([A-J])[*)\].]{0,4}[ \t]*$",
    re.MULTILINE,
)
_BARE = re.compile(r"(?i:option|choice)\s*[*(\[]{0,3}[A-J]")
"""Names a choice and says nothing of it."""
_REJECTED = re.compile(
    r"[*)\].]{0,4}\s+(?:(?:is|was|would\s+be)\s+(?:not|wrong|incorrect|false|ruled|out|impossible)"
    r"|isn['\u2019]t|wasn['\u2019]t|cannot|can['\u2019]t)\b",
    re.IGNORECASE,
)
_ALONE = re.compile(r"^[ \t]*[*_(\[]{0,3}([A-J])[*_)\].]{0,3}[ \t]*$", re.MULTILINE)
_LISTED = re.compile(r"^[ \t]*[*_]{0,2}\(?([A-J])[).:]", re.MULTILINE)
_CALLED = re.compile(r"(?:the\s+)?(?:option|choice|letter|answer)\s+(?=[(\[*_]{0,3}[A-J]\b)", re.I)
_LEADING = re.compile(r"[*_(\[]{0,3}([A-Ja-j])(?:([*_)\].:,]+)|(?=\s)|$)")
_SEVERAL = re.compile(r"\(?[A-J]\)?\s*(?:,|/|&|\bor\b|\band\b)\s*\(?[A-J]\b(?!['\u2019])\)?")
_TRAILING = re.compile(r"\s[(\[]([A-J])[)\]]$")
_EXPLAINED = re.compile(r"(?:because|since|as|is|[-\u2013\u2014(=])(?:\s|\b)", re.I)
_ARTICLE = re.compile(r"(?:the|an|a)\s+", re.I)
_OUTER: Final = ".,;*_$ "


def offered_choices(question: str) -> dict[str, str]:
    """Return the choices a question lists, letter to text; empty if it is no choice question."""
    read = _BOLD_OFFER.sub(r" \1 ", question[-_READ_CHARACTERS:])
    offers = list(_OFFER.finditer(read))
    ends = [following.start() for following in offers[1:]]
    found: dict[str, str] = {}
    for offer, end in zip_longest(offers, ends):
        line = read[offer.end() : end].partition("\n")[0]
        text = line.replace("\\qquad", " ").replace("\\quad", " ")
        found[(offer[1] or offer[2]).upper()] = " ".join(text.split()).rstrip(_OUTER)
    complete = "".join(sorted(found)) == "ABCDEFGHIJ"[: len(found)]
    return found if len(found) > 1 and complete else {}


def letter_of(answer: str, offered: dict[str, str]) -> str | None:
    """Return the letter an extracted answer means: "B", "(B) whale", or a choice's own text.

    A letter that reads like an article ("A whale") means what follows it; of several letters
    ("A or B") none is meant.
    """
    plain = _CALLED.sub("", " ".join(without_markup(answer).split()).strip(_OUTER), count=1)
    if (letter := _letter_of_text(plain, offered)) is not None:
        return letter
    leading = _LEADING.match(plain)
    if leading is None or _SEVERAL.match(plain):
        trailing = _TRAILING.search(plain)
        return trailing[1] if trailing is not None and trailing[1] in offered else None
    if _REJECTED.match(plain, leading.end(1)):
        return None
    letter, rest = leading[1].upper(), plain[leading.end() :].strip()
    meant = not rest or (leading[1].isupper() and (leading[2] or _EXPLAINED.match(rest)))
    if letter not in offered or not (meant or _letter_of_text(rest, offered) == letter):
        return None
    return letter


def _letter_of_text(plain: str, offered: dict[str, str]) -> str | None:
    """The letter whose choice is written out, with or without an article."""
    bare = _ARTICLE.sub("", plain.casefold(), count=1)
    for letter, text in offered.items():
        if text and text.casefold() == plain.casefold():
            return letter
    for letter, text in offered.items():
        if text and _ARTICLE.sub("", text.casefold(), count=1) == bare:
            return letter
    return None


def chosen_letter(response: str, offered: dict[str, str]) -> str | None:
    """Return the letter a free response settles on, or None when it names none or weighs several.

    What is stated ("the correct option is B", "So B.") or stands alone counts before what is only
    listed.
    """
    for pattern in (_STATED, _ALONE):
        named = [
            (match, letter)
            for match in pattern.finditer(response)
            if (letter := next(part for part in match.groups() if part)) in offered
            and not _REJECTED.match(response, match.end())
        ]
        chosen = [letter for match, letter in named if not _BARE.fullmatch(match[0])]
        if named:
            return chosen[-1] if chosen else named[-1][1]
    listed = {letter for letter in _LISTED.findall(response) if letter in offered}
    return listed.pop() if len(listed) == 1 else None
