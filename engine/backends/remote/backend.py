"""The backend over servers elsewhere: many streams at once, several servers as one engine.

Everything happens on one event loop in a thread of its own; `step` only hands over what came.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Final

from engine.backends.base import (
    BackendEvent,
    Ended,
    GenerationRequest,
    LoadProgress,
    Request,
    Scored,
)
from engine.backends.remote.connection import Connection
from engine.backends.remote.description import (
    ENGINE_SUFFIX,
    EngineDescription,
    is_this_machine,
    read_description,
)
from engine.backends.remote.dispatcher import Dispatcher
from engine.backends.remote.job import Job, Kept
from engine.backends.remote.pool import Load
from engine.backends.remote.probe import Memory
from engine.backends.remote.server import UNKNOWN_SLOTS, Server
from engine.errors import (
    BadRequestError,
    LoadCancelledError,
    RemoteError,
)
from engine.generation import LoadOptions, ModelReport, Notice
from engine.own_thinking import OwnThinking, ThinkingMode

_POLL_SECONDS: Final = 0.1
_STEP_SECONDS: Final = 0.02


class RemoteBackend:
    """Implements `engine.backends.base.Backend` over servers. Build it with `load`.

    Attributes:
        notices: What works differently than asked.
    """

    def __init__(
        self,
        path: Path,
        description: EngineDescription,
        key_of: Callable[[str], str | None],
        first_wait_seconds: float,
    ) -> None:
        self._path, self._description = path, description
        self._events: queue.SimpleQueue[BackendEvent | Kept | BaseException] = queue.SimpleQueue()
        self._kept: dict[int, Kept] = {}
        self._open: set[int] = set()
        """Requests whose end was not handed over yet."""
        self._closed = False
        self._load_seconds = 0.0
        self.notices: tuple[Notice, ...] = ()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="remote-engine", daemon=True
        )
        keys = {e.address: key_of(e.address) for e in description.endpoints}
        memory = Memory(path)
        self._servers = [
            Server(
                index,
                endpoint,
                Connection(
                    endpoint,
                    keys[endpoint.address],
                    description.timeout_seconds,
                    first_wait_seconds,
                ),
                Load(endpoint.slots or UNKNOWN_SLOTS),
                memory,
            )
            for index, endpoint in enumerate(description.endpoints)
        ]
        self._in_clear = [
            endpoint.label
            for endpoint in description.endpoints
            if keys[endpoint.address]
            and endpoint.address.startswith("http:")
            and not is_this_machine(endpoint.address)
        ]
        self._dispatcher = Dispatcher(self._servers, self._events.put)
        self._examining: set[asyncio.Task[None]] = set()
        self._thread.start()

    @classmethod
    def load(
        cls,
        path: Path,
        options: LoadOptions,  # noqa: ARG003 - how a model is loaded is the servers' affair
        progress: LoadProgress | None = None,
        *,
        key_of: Callable[[str], str | None] = lambda _address: None,
        first_wait_seconds: float = 0.5,
    ) -> RemoteBackend:
        """Read a description and ask its servers what they are.

        Args:
            path: The `.engine.json` file.
            options: Not used.
            progress: Is told the share of servers that have answered.
            key_of: The key of an address, or None.
            first_wait_seconds: Before the second try of what was too much or failed.

        Raises:
            ModelFileError: The file describes nothing usable.
            RemoteError: No server can be used.
            LoadCancelledError: `progress` returned False.
        """
        with ExitStack() as undo:
            backend = cls(path, read_description(path), key_of, first_wait_seconds)
            undo.callback(backend.close)
            backend._examine_all(progress)
            undo.pop_all()
        return backend

    @property
    def report(self) -> ModelReport:
        """What the servers say; what they do not say is 0."""
        reachable = [server for server in self._servers if server.found is not None]
        contexts = [s.found.context_tokens for s in reachable if s.found is not None]
        stated = [tokens for tokens in contexts if tokens]
        context = min(stated) if stated else self._description.context_tokens or 0
        return ModelReport(
            path=str(self._path),
            name=self._path.name.removesuffix(ENGINE_SUFFIX),
            family="",
            architecture="remote",
            quantization="",
            parameters=0,
            size_bytes=0,
            layers=0,
            layers_on_gpu=0,
            devices=(),
            gpu_build=False,
            context_tokens=context,
            train_context_tokens=context,
            slots=sum(server.load.slots for server in reachable),
            unified_cache=False,
            can_fork=True,
            threads=0,
            template="model",
            thought_opening="",
            load_seconds=self._load_seconds,
            endpoints=tuple(server.report() for server in self._servers),
            own_thinking=tuple(
                ThinkingMode(wish)
                for wish in OwnThinking
                if reachable and all(server.takes(wish) for server in reachable)
            ),
        )

    @property
    def busy(self) -> bool:
        """See `Backend`."""
        return bool(self._open)

    def submit(self, requests: Sequence[Request]) -> None:
        """See `Backend`."""
        jobs = [self._job(request) for request in requests]
        self._open.update(job.id for job in jobs)
        self._loop.call_soon_threadsafe(self._dispatcher.queue, jobs)

    def step(self) -> Sequence[BackendEvent]:
        """Hand over what has come since; wait a moment where that is nothing."""
        events: list[BackendEvent] = []
        while True:
            try:
                event = self._events.get(timeout=0 if events else _STEP_SECONDS)
            except queue.Empty:
                return events
            if isinstance(event, BaseException):
                raise event
            if isinstance(event, Kept):
                self._kept[event.request_id] = event
                continue
            if isinstance(event, Ended | Scored):
                self._open.discard(event.request_id)
            events.append(event)

    def append(self, request_id: int, text: str) -> bool:
        """Close a thought: what was written is kept, and the server asked to go on behind it."""
        self._loop.call_soon_threadsafe(self._dispatcher.append, request_id, text)
        return False

    def cancel(self, request_ids: Collection[int]) -> None:
        """See `Backend`. The stream is closed, which ends the work of most servers."""
        self._loop.call_soon_threadsafe(self._dispatcher.cancel, tuple(request_ids))

    def forget(self, request_ids: Collection[int]) -> None:
        """See `Backend`."""
        for request_id in request_ids:
            self._kept.pop(request_id, None)

    def interrupt(self) -> None:
        """Do nothing: a step is instant."""

    def close(self) -> None:
        """See `Backend`."""
        if self._closed:
            return
        self._closed = True
        asyncio.run_coroutine_threadsafe(self._shut(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    # --- loading --------------------------------------------------------------------------------

    def _examine_all(self, progress: LoadProgress | None) -> None:
        started = time.monotonic()
        asked: list[Future[None]] = [
            asyncio.run_coroutine_threadsafe(self._examine(server), self._loop)
            for server in self._servers
        ]
        for number, future in enumerate(asked):
            while True:
                if progress is not None and not progress(number / len(asked)):
                    raise LoadCancelledError
                try:
                    future.result(_POLL_SECONDS)
                    break
                except NotYet:
                    continue
        troubles = [server.trouble for server in self._servers if server.trouble is not None]
        if len(troubles) == len(self._servers):
            raise troubles[0]
        self._load_seconds = time.monotonic() - started
        self.notices = (
            *(Notice("endpoint-missing", trouble.detail) for trouble in troubles),
            *(Notice("key-in-clear", label) for label in self._in_clear),
        )

    async def _examine(self, server: Server) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._examining.add(task)
        try:
            await server.examine()
        except RemoteError as error:
            server.note_trouble(error, self._loop.time())
        finally:
            self._examining.discard(task)

    async def _shut(self) -> None:
        """End the tasks, then the connections: a task that ends later leaves its own open."""
        for task in self._examining:
            task.cancel()
        await asyncio.gather(*self._examining, return_exceptions=True)
        await self._dispatcher.close()
        await self._loop.shutdown_asyncgens()
        for server in self._servers:
            await server.connection.close()

    # --- requests -------------------------------------------------------------------------------

    def _job(self, request: Request) -> Job:
        if isinstance(request, GenerationRequest) and request.fork_of is not None:
            kept = self._kept.get(request.fork_of)
            if kept is None:
                raise BadRequestError(f"request {request.fork_of} was not kept")
            return Job(replace(request, messages=kept.messages), kept.text)
        return Job(request, "")
