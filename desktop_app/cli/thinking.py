"""One model, one question, synchronously: the session's events gathered into a result.

For the terminal, which has nothing else to do meanwhile.
"""

from __future__ import annotations

import queue
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from desktop_app.gathered import Gathered
from engine.generation import LoadOptions, ModelReport, Notice
from engine.protocol import (
    DeliberationFailed,
    LoadFailed,
    ModelLoaded,
    VerdictReached,
)
from engine.session import AskRequest, Session, SessionEvent

_PATIENCE_SECONDS: Final = 3.0
"""How long the end of a cancelled deliberation is waited for."""


class _Interrupted:
    """Ctrl+C was pressed; it stands among the events, as a signal comes at any moment."""


class ThinkingError(Exception):
    """The engine could not load or think.

    Attributes:
        code: An `EngineError` code, for `desktop_app.error_text`.
        detail: What happened, technically.
        loading: Whether it happened while loading.
    """

    def __init__(self, code: str, detail: str, *, loading: bool) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.loading = loading


def load_model(
    session: Session, path: Path, options: LoadOptions
) -> tuple[ModelReport, list[Notice]]:
    """Load a model and wait for it.

    Raises:
        ThinkingError: It cannot be loaded.
    """
    events: queue.SimpleQueue[SessionEvent] = queue.SimpleQueue()
    unsubscribe = session.subscribe(events.put)
    try:
        session.load(path, options)
        while True:
            event = events.get()
            if isinstance(event, ModelLoaded):
                return event.report, list(event.notices)
            if isinstance(event, LoadFailed):
                raise ThinkingError(event.code, event.detail, loading=True)
    finally:
        unsubscribe()


def think(
    session: Session,
    request: AskRequest,
    watch: Callable[[SessionEvent], None],
    interrupted: Callable[[], None],
) -> Gathered:
    """Ask and wait for the verdict.

    The first interrupt from the keyboard asks for the verdict from what there is. A second one
    cancels, as does whatever else ends this early: the record says so.

    Args:
        session: A session with a model.
        request: What to think about.
        watch: Sees every event as it happens.
        interrupted: Is told of the first interrupt.

    Raises:
        ThinkingError: The engine failed.
    """
    events: queue.SimpleQueue[SessionEvent | _Interrupted] = queue.SimpleQueue()
    unsubscribe = session.subscribe(events.put)
    gathered = Gathered()
    try:
        with _first_interrupt(lambda: events.put(_Interrupted())):
            session.ask(request)
            while gathered.reached is None:
                event = events.get()
                if isinstance(event, _Interrupted):
                    interrupted()
                    session.answer_now(request.deliberation_id)
                    continue
                watch(event)
                gathered.take(event)
                if isinstance(event, DeliberationFailed):
                    raise ThinkingError(event.code, event.detail, loading=False)
    except (KeyboardInterrupt, OSError):
        session.cancel(request.deliberation_id)
        _await_end(events)
        raise
    finally:
        unsubscribe()
    return gathered


@contextmanager
def _first_interrupt(act: Callable[[], None]) -> Iterator[None]:
    """Let the first Ctrl+C do something; the second one interrupts, as ever."""
    ours = threading.current_thread() is threading.main_thread()
    before = signal.getsignal(signal.SIGINT)
    if not ours or before is not signal.default_int_handler:
        yield
        return

    def once(_number: int, _frame: object) -> None:
        signal.signal(signal.SIGINT, before)
        act()

    signal.signal(signal.SIGINT, once)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _await_end(events: queue.SimpleQueue[SessionEvent | _Interrupted]) -> None:
    """Wait until a cancelled deliberation has its end, which the session then has recorded."""
    try:
        while not isinstance(
            events.get(timeout=_PATIENCE_SECONDS), VerdictReached | DeliberationFailed
        ):
            pass
    except queue.Empty:
        return
