"""Text of models, files and hubs as a terminal or a title may show it: it commands nothing."""

from __future__ import annotations

import re
from typing import Final

import msgspec

_COMMANDS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Control characters but tab and line feed, and what turns the direction of writing."""


def plain_json(text: str) -> str:
    """Return JSON of the same meaning that holds no control character as it is."""
    return _COMMANDS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def json_text(value: object) -> str:
    """Return a value as JSON that commands no terminal."""
    return plain_json(msgspec.json.encode(value).decode())


def plain(text: str) -> str:
    """Return a text with each control character shown as a replacement character."""
    return _COMMANDS.sub("\ufffd", text)
