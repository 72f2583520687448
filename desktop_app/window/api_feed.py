"""The API in the window: served over the window's own engine, and what it thinks about shown.

It joins the server, which lives on a thread of its own, with the sidebar's row and the panel. It
must not know HTTP.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from desktop_app.background import in_background
from desktop_app.chat.conversation import title_from
from desktop_app.deliveries import Deliveries
from desktop_app.serve.api_token import api_token
from desktop_app.serve.desk import DeskState
from desktop_app.serve.opening import HOST, PORT, ServeError, ServeOptions, open_api
from desktop_app.thinking.live import DeliberationView
from desktop_app.window.api_row import ApiRow
from engine.protocol import DeliberationFailed, DeliberationStarted, VerdictReached
from engine.session import AskRequest, Session, SessionEvent

if TYPE_CHECKING:
    from desktop_app.serve.server import ApiServer


class ApiFeed(QObject):
    """Serves the API or not.

    Args:
        session: The window's engine.
        deliveries: Brings what was opened back to this thread.
        row: Says how it stands.

    Attributes:
        view_wanted: The `DeliberationView` that the panel should show.
        view_changed: Something happened in the one it shows.
        refused: (code, detail) of why it cannot be served.
        port: Where it is served; 0 takes a free one.
    """

    view_wanted = Signal(object)
    view_changed = Signal()
    refused = Signal(str, str)
    _told = Signal()

    def __init__(
        self, session: Session, deliveries: Deliveries, row: ApiRow, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.port = PORT
        self._session = session
        self._deliveries = deliveries
        self._row = row
        self._server: ApiServer | None = None
        self._changing = False
        self._closed = False
        self._state = DeskState()
        self._asked: dict[str, AskRequest] = {}
        self._views: dict[str, DeliberationView] = {}
        self._shown: DeliberationView | None = None
        self._told.connect(self._show_state, Qt.ConnectionType.QueuedConnection)
        row.show_requested.connect(self.follow)
        row.serve_requested.connect(self.serve)
        row.end_requested.connect(self.toggle)

    @property
    def address(self) -> str:
        """Where it is served, or ""."""
        return self._server.address if self._server is not None and not self._changing else ""

    def toggle(self) -> None:
        """Ask whether the API shall be served; end it where it is."""
        if self._changing:
            return
        server = self._server
        if server is None:
            self._row.ask(f"http://{HOST}:{self.port}/v1")
            return
        self._changing = True
        self._row.show_busy(self.tr("Ending the API…"))
        closed = in_background(server.close, "api-close")
        self._deliveries.deliver(closed, lambda _nothing: self._on_ended())

    def serve(self) -> None:
        """Serve the API."""
        if self._changing or self._server is not None:
            return
        self._changing = True
        self._row.show_busy(self.tr("Starting the API…"))
        opened = in_background(self._open, "api-open")
        self._deliveries.deliver(opened, self._on_opened, self._on_refused)

    def follow(self) -> None:
        """Show the oldest question under way in the panel, and after it the next."""
        for request in self._state.running:
            self._shown = self._view_of(request.deliberation_id)
            if self._shown is not None:
                self.view_wanted.emit(self._shown)
                return

    def stop_following(self) -> None:
        """The panel shows something else now."""
        self._shown = None

    def on_event(self, event: SessionEvent) -> None:
        """Take one event of the session; those of other deliberations are ignored."""
        deliberation_id = getattr(event, "deliberation_id", None)
        view = self._view_of(deliberation_id) if deliberation_id is not None else None
        if deliberation_id is None or view is None:
            return
        if isinstance(event, DeliberationStarted):
            view.started_at = time.monotonic()
        view.apply(event)
        if view is self._shown:
            self.view_changed.emit()
        if isinstance(event, VerdictReached | DeliberationFailed):
            self._views.pop(deliberation_id, None)
            self._asked.pop(deliberation_id, None)

    def close(self) -> None:
        """End the API and wait for its end. Idempotent."""
        self._closed = True
        if self._server is not None:
            self._server.close()
            self._server = None

    def _open(self) -> ApiServer:
        """Take the address, on a background thread: packages are imported, a keyring may ask."""
        options = ServeOptions(port=self.port, token=api_token())
        server = open_api(self._session, options, self._watch)
        if self._closed:
            server.close()
        return server

    def _watch(self, state: DeskState) -> None:
        """Take what the API thinks about, on the server's thread."""
        before = {request.deliberation_id for request in self._state.running}
        for request in state.running:
            if request.deliberation_id not in before:
                self._asked[request.deliberation_id] = request
        self._state = state
        self._told.emit()

    def _view_of(self, deliberation_id: str) -> DeliberationView | None:
        view = self._views.get(deliberation_id)
        request = self._asked.get(deliberation_id)
        if view is None and request is not None:
            view = DeliberationView(
                deliberation_id, request.strategy, request.budget, read_only=True
            )
            self._views[deliberation_id] = view
        return view

    def _on_opened(self, server: ApiServer) -> None:
        self._server = server
        self._changing = False
        server.start()
        self._show_state()

    def _on_refused(self, error: BaseException) -> None:
        self._changing = False
        self._row.show_off()
        if isinstance(error, ServeError):
            self.refused.emit(error.code, error.detail)
        else:
            self._deliveries.fail(error)

    def _on_ended(self) -> None:
        self._server = None
        self._changing = False
        self._row.show_off()

    def _show_state(self) -> None:
        if not self.address:
            return
        running = self._state.running
        question = title_from(running[0].messages[-1].content) if running else ""
        self._row.show_served(self.address, question, len(running), self._state.waiting)
        if self._shown is not None and not self._shown.running:
            self.follow()
