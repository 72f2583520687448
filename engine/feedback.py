"""What a person says of a deliberation: a thumb on its answer, and the candidate they prefer.

Plain values, safe to store and send. It must not know where they are kept or shown.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Thumb(StrEnum):
    """What a person thinks of an answer."""

    UP = "up"
    DOWN = "down"


class Feedback(msgspec.Struct, frozen=True):
    """Everything a person said of one deliberation.

    Attributes:
        thumb: What they think of the answer, or None.
        thumb_candidate: Index of the candidate that was shown when they said so. After thinking
            longer another one may be shown, and the thumb is not about that one.
        preferred: Index of the candidate they prefer to all others, or None.
    """

    thumb: Thumb | None = None
    thumb_candidate: int | None = None
    preferred: int | None = None

    def thumb_on(self, candidate: int | None) -> Thumb | None:
        """The thumb, if it is about this candidate."""
        return self.thumb if candidate is not None and self.thumb_candidate == candidate else None
