"""How files stand in a question: behind its text, each under its name in a fence of its own.

A file's text is part of the message, so the model, the journal, a search and an export all see the
same. A fence is longer than any that the text holds, as CommonMark asks for, so that nothing in a
file can end it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_LONGEST_NAME: Final = 120
_OPENING: Final = re.compile(r"(?:\A|\n\n)File: ([^\n]+)\n(`{3,})\n")
_MOST_TRIED: Final = 50
"""Places in a question that look like the first file of a list, and may not be."""


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A file as it stands in a question.

    Attributes:
        name: Its name, without its folder.
        text: What it says.
    """

    name: str
    text: str


def with_files(text: str, files: Sequence[AttachedFile]) -> str:
    """Return a question with the files behind it."""
    parts = [text] if text else []
    for file in files:
        runs = [len(run) for run in re.findall("`+", file.text)]
        fence = "`" * max(3, max(runs, default=0) + 1)
        parts.append(f"File: {_plain_name(file.name)}\n{fence}\n{file.text}\n{fence}")
    return "\n\n".join(parts)


def without_files(content: str) -> tuple[str, tuple[AttachedFile, ...]]:
    """Return a question's own text and the files behind it, as `with_files` put them together."""
    place = 0
    for _ in range(_MOST_TRIED):
        opening = _OPENING.search(content, place)
        if opening is None:
            break
        files = _files_from(content, opening.start())
        if files:
            return content[: opening.start()], files
        place = opening.end()
    return content, ()


def _files_from(content: str, place: int) -> tuple[AttachedFile, ...]:
    """The files from a place to the end; none where something else stands between them."""
    files = []
    while place < len(content):
        opening = _OPENING.match(content, place)
        if opening is None:
            return ()
        name, fence = opening.groups()
        end = content.find(f"\n{fence}", opening.end() - 1)
        if end < 0:
            return ()
        files.append(AttachedFile(name, content[opening.end() : end]))
        place = end + 1 + len(fence)
    return tuple(files)


def _plain_name(name: str) -> str:
    """The name on one line, short, its ending kept."""
    line = " ".join(name.split()) or "file"
    if len(line) <= _LONGEST_NAME:
        return line
    return f"{line[: _LONGEST_NAME - 16]}…{line[-15:]}"
