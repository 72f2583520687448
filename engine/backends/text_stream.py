"""Bytes of tokens to whole characters, and the end at a stop text.

A token can hold part of a character. Knows nothing of llama.cpp.
"""

from __future__ import annotations

import codecs


class TextStream:
    """The text of one generation.

    Args:
        stop_texts: Texts that end it and are not part of it.
        begun: Text that is there already, of the generation it goes on from.

    Attributes:
        stop_text: The stop text it has reached, or "".
        rest: What stood behind that in the same token.
    """

    def __init__(self, stop_texts: tuple[str, ...] = (), begun: str = "") -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._stop_texts = stop_texts
        self._held = begun
        self.stop_text = ""
        self.rest = ""

    def feed(self, data: bytes) -> str:
        """Take a token's bytes and return the text that is certain by now."""
        text = self._decoder.decode(data)
        if not self._stop_texts:
            text, self._held = self._held + text, ""
            return text
        self._held += text
        found = [(self._held.find(stop), stop) for stop in self._stop_texts if stop in self._held]
        if found:
            place, self.stop_text = min(found)
            self.rest = self._held[place + len(self.stop_text) :]
            self._held = self._held[:place]
        return self._give(0 if found else self._possible_stop())

    @property
    def stopped(self) -> bool:
        """Whether it has reached a stop text."""
        return bool(self.stop_text)

    def interrupt(self) -> None:
        """Other text follows: an unfinished character will not be finished."""
        self._decoder.reset()

    def close(self) -> str:
        """Return what was held back; an unfinished character is dropped."""
        self._decoder.reset()
        return self._give(0)

    def _possible_stop(self) -> int:
        """How many characters at the end could become a stop text."""
        longest = max(map(len, self._stop_texts)) - 1
        for length in range(min(longest, len(self._held)), 0, -1):
            if any(stop.startswith(self._held[-length:]) for stop in self._stop_texts):
                return length
        return 0

    def _give(self, keep: int) -> str:
        cut = len(self._held) - keep
        text, self._held = self._held[:cut], self._held[cut:]
        return text
