"""A real API on loopback over a real engine process, and the real client for it."""

from __future__ import annotations

import contextlib
import json
import queue
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import openai

from desktop_app.serve.desk import DeskState
from desktop_app.serve.opening import ServeOptions
from desktop_app.serve.server import ApiServer
from engine.journal.journal import Journal
from engine.protocol import ModelLoaded
from engine.session import Session, SessionEvent

PATIENCE_SECONDS = 60
QUESTION: list[Any] = [{"role": "user", "content": "How many?"}]
VOTE = [{"text": f"I count.\nAnswer: {answer}"} for answer in ("4", "5", "4", "4")]
HOLD = {"text": "still thinking about it", "hold": True}


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine process and its record; several APIs can be served over it in turn."""

    session: Session
    journal: Journal


@contextlib.contextmanager
def new_engine(folder: Path) -> Iterator[Engine]:
    """An engine with a record of its own."""
    journal = Journal(folder / "journal.db")
    session = Session(journal)
    try:
        yield Engine(session, journal)
    finally:
        session.close()
        journal.close()


class ApiPlace:
    """A served model, from its start to its end.

    Attributes:
        events: Everything the session tells.
        states: What the API thinks about, after every change.
    """

    def __init__(
        self, engine: Engine, model: Path | None, options: ServeOptions | None = None
    ) -> None:
        self.events: queue.SimpleQueue[SessionEvent] = queue.SimpleQueue()
        self.states: queue.SimpleQueue[DeskState] = queue.SimpleQueue()
        self.session, self.journal = engine.session, engine.journal
        self._unsubscribe = self.session.subscribe(self.events.put)
        self.server = ApiServer(self.session, options or ServeOptions(port=0), self.states.put)
        self.server.start()
        if model is not None:
            self.load(model)

    def load(self, model: Path) -> None:
        """Load a model and wait for it."""
        self.session.load(model)
        self.await_event(ModelLoaded)

    def await_event(self, kind: type[SessionEvent]) -> Any:
        """Return the next event of a kind."""
        while True:
            event = self.events.get(timeout=PATIENCE_SECONDS)
            if isinstance(event, kind):
                return event

    def await_state(self, condition: Callable[[DeskState], bool]) -> DeskState:
        """Return the next state that meets a condition."""
        while not condition(state := self.states.get(timeout=PATIENCE_SECONDS)):
            continue
        return state

    @contextlib.contextmanager
    def client(self, token: str = "none") -> Iterator[openai.OpenAI]:
        """OpenAI's client, which tries once."""
        with openai.OpenAI(
            base_url=self.server.address,
            api_key=token,
            max_retries=0,
            timeout=PATIENCE_SECONDS,
        ) as client:
            yield client

    def close(self) -> None:
        """End the API; the engine stays."""
        self.server.close()
        self._unsubscribe()

    def __enter__(self) -> ApiPlace:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


Serve = Callable[..., ApiPlace]
"""What the fixture `serve` is: lines of a script, or a model file, and options of the server."""


def write_script(
    folder: Path, lines: list[dict[str, Any]], name: str = "model", **more: Any
) -> Path:
    """Write a model that recites."""
    path = folder / f"{name}.script.json"
    path.write_text(json.dumps({"lines": lines, **more}))
    return path


def ponder_of(reply: Any) -> dict[str, Any]:
    """What a reply, a chunk or a choice carries under `ponder`."""
    found: dict[str, Any] = reply.model_extra["ponder"]
    return found
