"""What a person can ask for at a turn, as the signals all turns of a transcript share."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal


class TurnSignals(QObject):
    """Every signal carries the turn's `message_id` first."""

    copied = Signal(str)
    regenerate = Signal(str)
    think_longer = Signal(str)
    edited = Signal(str, str)
    version = Signal(str, int)
    promote = Signal(str, int)
    rate = Signal(str, object)
    deliberation = Signal(str)
    retry = Signal(str)
    settings = Signal(str)
    anew = Signal(str)
    go_on = Signal(str)
    more_tokens = Signal(str)
    another_model = Signal(str)
    compare = Signal(str)
    lab = Signal(str)
