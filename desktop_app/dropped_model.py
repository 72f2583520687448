"""Which model file a person drags onto the window."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData

from engine.backends.remote.description import ENGINE_SUFFIX

_MODEL_SUFFIXES = (".gguf", ".script.json", ENGINE_SUFFIX)


def dropped_model(data: QMimeData) -> Path | None:
    """The one local model file that is dragged, or None."""
    paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    models = [path for path in paths if path.name.lower().endswith(_MODEL_SUFFIXES)]
    return models[0] if len(models) == 1 else None
