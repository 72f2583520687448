"""Tooltips of text from models, files and pages: always plain, whatever it looks like, and wrapped.

Qt draws a tooltip that looks like HTML as HTML, images included; an answer is not to be trusted
with that, nor is the name in a model file.
"""

from __future__ import annotations

from html import escape


def plain_tip(text: str) -> str:
    """Return a text as a tooltip that shows exactly this text."""
    lines = "<br>".join(escape(line) for line in text.splitlines())
    return f"<p>{lines}</p>"
