"""The worker, failing at some questions: `CODE TEXT` fails those that hold the text."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from engine import worker
from engine.backends.base import Request
from engine.backends.scripted import ScriptedBackend
from engine.errors import EngineError

_CODE, _TEXT = sys.argv[1:3]


class AskedForError(EngineError):
    """What the command line asks for."""

    code = _CODE


class FailingBackend(ScriptedBackend):
    """Recites, but not to every question."""

    def submit(self, requests: Sequence[Request]) -> None:
        """See `Backend`."""
        if any(_TEXT in message.content for request in requests for message in request.messages):
            raise AskedForError("a test")
        super().submit(requests)


if __name__ == "__main__":
    worker.ScriptedBackend = FailingBackend  # type: ignore[attr-defined]  # the name that it loads scripts by
    sys.exit(worker.main())
