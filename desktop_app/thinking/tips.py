"""Tooltips of text that a model wrote: always plain, whatever it looks like, and wrapped.

Qt draws a tooltip that looks like HTML as HTML, images included; an answer is not to be trusted
with that.
"""

from __future__ import annotations

from html import escape


def plain_tip(text: str) -> str:
    """Return a text as a tooltip that shows exactly this text."""
    lines = "<br>".join(escape(line) for line in text.splitlines())
    return f"<p>{lines}</p>"
