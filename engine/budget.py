"""The budget: what one deliberation may spend, and the named stops of the slider.

Knows nothing of strategies or models: a budget is a promise, a strategy decides how to use it.
"""

from __future__ import annotations

from typing import Final

import msgspec

MAX_ATTEMPTS: Final = 1024
"""Upper bound of attempts in one deliberation; a guard against a slip of the keyboard."""
MOST_MORE_THOUGHT: Final = 2
"""Most forced continuations of a thought."""


class Budget(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one deliberation may spend.

    Attributes:
        samples: Candidates side by side (the width), at least 1.
        rounds: Attempts in succession for each of them (the depth), at least 1; 1 is no revision.
        seconds: Wall-clock limit, or None for no limit.
        tokens_per_candidate: Limit of generated tokens for each candidate, or None for what the
            context holds.
        thought_tokens: Limit of hidden-thought tokens for each candidate, or None.
        more_thought: How often a thought that ends is made to go on, 0 to 2 (s1, arXiv
            2501.19393; more than two bring nothing and may hurt, arXiv 2506.04210).
    """

    samples: int = 1
    rounds: int = 1
    seconds: float | None = None
    tokens_per_candidate: int | None = None
    thought_tokens: int | None = None
    more_thought: int = 0

    def __post_init__(self) -> None:
        """Refuse a budget nobody can spend.

        Raises:
            ValueError: A number is below its minimum, or attempts exceed `MAX_ATTEMPTS`.
        """
        if self.samples < 1 or self.rounds < 1:
            raise ValueError("samples and rounds must be at least 1")
        if self.attempts > MAX_ATTEMPTS:
            raise ValueError(f"samples x rounds must be at most {MAX_ATTEMPTS}")
        if self.seconds is not None and not self.seconds > 0:
            raise ValueError("seconds must be above 0")
        if not 0 <= self.more_thought <= MOST_MORE_THOUGHT:
            raise ValueError(f"more_thought must be 0 to {MOST_MORE_THOUGHT}")
        for limit in (self.tokens_per_candidate, self.thought_tokens):
            if limit is not None and limit < 1:
                raise ValueError("token limits must be at least 1")

    @property
    def attempts(self) -> int:
        """The most candidates this budget pays for."""
        return self.samples * self.rounds


class Notch(msgspec.Struct, frozen=True):
    """A named stop of the thinking-time slider.

    Attributes:
        name: The stop's English name, also the value of `--notch`, in lower case there.
        attempts: Samples under `vote`, rounds under `revise`.
    """

    name: str
    attempts: int


NOTCHES: Final = (
    Notch("Instant", 1),
    Notch("Quick", 4),
    Notch("Balanced", 8),
    Notch("Deep", 16),
    Notch("Deeper", 32),
    Notch("Deepest", 64),
)


def notch_named(name: str) -> Notch:
    """Return the notch of that name, in any case.

    Raises:
        ValueError: There is no such notch.
    """
    for notch in NOTCHES:
        if notch.name.casefold() == name.casefold():
            return notch
    names = ", ".join(notch.name.lower() for notch in NOTCHES)
    raise ValueError(f"no notch is called {name!r}; there are {names}")
