"""How many prompt tokens one step reads: more are read faster, but nobody should wait long.

A step cannot tell or take anything before it is over. Where somebody watches, it may take a
quarter of a second; where nobody does, two. The first step is short, for it may be a slow machine;
after it, one step changes the speed that is reckoned with by at most a factor of two.
"""

from __future__ import annotations

from typing import Final

FEWEST_TOKENS: Final = 64
_WATCHED_SECONDS: Final = 0.25
_UNWATCHED_SECONDS: Final = 2.0


class Pace:
    """The reading speed of late.

    Args:
        most_tokens: What fits into a step at all.
    """

    def __init__(self, most_tokens: int) -> None:
        self._most_tokens = most_tokens
        self._speed: float | None = None

    def tokens(self, *, watched: bool) -> int:
        """Most prompt tokens that the next step should read, at least `FEWEST_TOKENS`.

        Args:
            watched: Whether somebody sees the text of a request while it is written.
        """
        if self._speed is None:
            return FEWEST_TOKENS
        seconds = _WATCHED_SECONDS if watched else _UNWATCHED_SECONDS
        return min(max(int(self._speed * seconds), FEWEST_TOKENS), self._most_tokens)

    def learn(self, tokens: int, seconds: float) -> None:
        """Take note of a step; few tokens say little about many and are left out.

        Args:
            tokens: Prompt tokens it read.
            seconds: How long all of it took.
        """
        if tokens < FEWEST_TOKENS:
            return
        shown = tokens / max(seconds, 1e-6)
        before = shown if self._speed is None else self._speed
        self._speed = min(max(shown, before / 2), before * 2)
