"""Which model a conversation that is opened was held with, where another one is loaded now.

It exists so that an old conversation can offer its model. It only says so: it loads nothing, and
must not know widgets.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from desktop_app.background import in_background
from desktop_app.chat.controller import ChatController
from desktop_app.deliveries import Deliveries
from desktop_app.library.model_control import ModelControl, ModelPhase


class EarlierModel(QObject):
    """Follows the visible conversation and the loaded model.

    Args:
        chat: What is seen.
        models: What is loaded.
        deliveries: Brings results to this thread.

    Attributes:
        changed: Another model can be offered, or none any more.
    """

    changed = Signal()

    def __init__(
        self,
        chat: ChatController,
        models: ModelControl,
        deliveries: Deliveries,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._chat, self._models, self._deliveries = chat, models, deliveries
        self._path: Path | None = None
        self._seen: tuple[str | None, Path | None] = (None, None)
        """The conversation, and the model of it, that were looked at last."""
        chat.phase_changed.connect(self._on_changed)
        models.state_changed.connect(self._on_changed)

    @property
    def path(self) -> Path | None:
        """The model to offer; None where there is none, or its file is gone."""
        return self._path

    def _on_changed(self) -> None:
        seen = (self._chat.visible_id, self._wanted())
        if seen == self._seen:
            return
        self._seen = seen
        _, wanted = seen
        if wanted != self._path:
            self._offer(None)
        if wanted is None:
            return

        def receive(there: bool) -> None:  # noqa: FBT001 - what a thread found
            if self._seen == seen:
                self._offer(wanted if there else None)

        self._deliveries.deliver(in_background(lambda: _is_there(wanted), "earlier-model"), receive)

    def _wanted(self) -> Path | None:
        """The conversation's model, if it is not what is loaded or about to be."""
        state = self._models.state
        path = Path(self._chat.model_path)
        if state.phase is ModelPhase.LOADING or state.checking is not None:
            return None
        if not path.is_absolute():  # none was asked yet, or on another machine
            return None
        return None if state.phase is ModelPhase.READY and state.path == path else path

    def _offer(self, path: Path | None) -> None:
        if path != self._path:
            self._path = path
            self.changed.emit()


def _is_there(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # such as a folder that may not be looked into
        return False
