"""What a conversation can do now, as controller, composer and window say it to each other."""

from __future__ import annotations

from enum import StrEnum


class ChatPhase(StrEnum):
    """What the visible conversation can do now."""

    NO_MODEL = "no-model"
    """A question can be written; it is sent when a model is loaded."""
    LOADING = "loading"
    READY = "ready"
    QUEUED = "queued"
    """A question of this conversation waits for the model or for another conversation."""
    THINKING = "thinking"
    ENDING = "ending"
    """Answer now or stop was asked for; the verdict is on its way."""
