"""One server of an engine elsewhere, as it stands now."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import msgspec

from engine.backends.remote.connection import Connection
from engine.backends.remote.description import EndpointDescription, is_this_machine
from engine.backends.remote.pool import Load
from engine.backends.remote.probe import Abilities, Found, Memory, examine
from engine.errors import (
    RemoteAnswerError,
    RemoteError,
    RemoteKeyError,
    RemoteNotFoundError,
    RemoteRefusedError,
)
from engine.generation import EndpointReport
from engine.own_thinking import OwnThinking

UNKNOWN_SLOTS: Final = 4
"""Requests at once, before a server has said what it can do."""
_STRIKES: Final = 3
"""Nonsense so often in a row, and it is left alone for a while."""
_FOR_GOOD: Final = (RemoteKeyError, RemoteNotFoundError)
"""What no waiting mends."""


@dataclass(eq=False, slots=True)
class Server:
    """One endpoint of an engine: how it is described, what it was found to be, how busy it is.

    Attributes:
        index: Its place among the others.
        endpoint: How it is described.
        connection: To it.
        load: How busy it is.
        found: What it answered, or None while it never did.
        trouble: What went wrong last, or None.
        strikes: Troubles in a row.
        memory: What is remembered of it.
    """

    index: int
    endpoint: EndpointDescription
    connection: Connection
    load: Load
    memory: Memory
    found: Found | None = None
    trouble: RemoteError | None = None
    strikes: int = 0

    @property
    def label(self) -> str:
        """What the window calls it."""
        return self.endpoint.label

    @property
    def usable(self) -> bool:
        """Whether it is worth waiting for."""
        return self.load.rests_until < math.inf

    def takes(self, wish: OwnThinking) -> bool:
        """Whether this can be wished of its model's own thinking, as far as is known."""
        return self.found is not None and self.found.abilities.takes(wish)

    async def examine(self) -> None:
        """Ask what it is.

        Raises:
            RemoteError: It cannot be used.
        """
        known = self.memory.recall(self.endpoint)
        self.found = await examine(self.connection, self.endpoint, known)
        self.trouble, self.load.slots = None, self.found.slots
        self.memory.keep(self.endpoint, self.found.abilities)

    def learn(self, abilities: Abilities) -> None:
        """It can do less than was known."""
        assert self.found is not None
        self.found = msgspec.structs.replace(self.found, abilities=abilities)
        self.memory.keep(self.endpoint, abilities)

    def note_trouble(self, error: RemoteError, now: float) -> bool:
        """Something went wrong there.

        Returns:
            Whether it is to be left alone from now on, for a while or for good.
        """
        self.trouble = error
        self.strikes += 1
        harmless = isinstance(error, RemoteRefusedError) or (
            isinstance(error, RemoteAnswerError) and self.strikes < _STRIKES
        )
        if harmless or self.load.rests(now):
            return False
        self.load.note_trouble(now, for_good=isinstance(error, _FOR_GOOD))
        return True

    def report(self) -> EndpointReport:
        """What can be said of it."""
        found, abilities = self.found, self.found.abilities if self.found else None
        return EndpointReport(
            name=self.label,
            address=self.endpoint.address,
            model=found.model if found else self.endpoint.model,
            server=abilities.server if abilities else "",
            slots=self.load.slots,
            reachable=found is not None,
            honours_n=abilities is not None and abilities.honours_n,
            gives_confidence=abilities is not None and abilities.logprobs,
            here=is_this_machine(self.endpoint.address),
            goes_on=abilities is not None and abilities.goes_on,
            trouble=self.trouble.detail if self.trouble else "",
        )
