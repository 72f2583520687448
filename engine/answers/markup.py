"""Takes off what carries no meaning: LaTeX wrappers, emphasis, odd signs.

Knows nothing of answers or keys.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_SUPERSCRIPT: Final = {ord(c): n for c, n in zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-", strict=True)}
_SUPERSCRIPTS = re.compile(f"[{''.join(map(chr, _SUPERSCRIPT))}]+")
_VULGAR = re.compile("(?<=[0-9])([\u00bc-\u00be\u2150-\u215e])")
_SIGNS: Final = str.maketrans(
    {"\u2212": "-", "\u2013": "-", "\u2044": "/", "\u2018": "'", "\u2019": "'"}
)
_WRAPPER = re.compile(
    r"\\(?:text|textbf|textit|textrm|mathrm|mathbf|mathit|boxed|fbox|mbox|operatorname)"
    r"\s*\{([^{}]*)\}"
)
_NOISE = re.compile(r"\\(?:left|right|displaystyle|quad|qquad|[,;!: ])|\\(?=[%$#&_])")
_DELIMITED = re.compile(r"(?:\$\$?(.*?)\$\$?|\\\((.*)\\\)|\\\[(.*)\\\])", re.DOTALL)


def without_markup(text: str) -> str:
    """Return a text without the marks around and in it that carry no meaning."""
    plain = _SUPERSCRIPTS.sub(lambda match: "^" + match[0].translate(_SUPERSCRIPT), text)
    plain = _VULGAR.sub(r" \1", plain)
    plain = unicodedata.normalize("NFKC", plain).translate(_SIGNS).strip().strip("*`_ ")
    plain = plain.removesuffix(".").strip()
    if whole := _DELIMITED.fullmatch(plain):
        plain = next(part for part in whole.groups() if part is not None)
    plain = plain.replace("{,}", ",").replace("\\dfrac", "\\frac").replace("\\tfrac", "\\frac")
    plain = _NOISE.sub("", _WRAPPER.sub(r" \1", plain))
    return plain.strip().removesuffix(".").strip()
