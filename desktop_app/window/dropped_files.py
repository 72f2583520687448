"""Which files a person drags or pastes: a model to load, or files to ask about."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData

from engine.backends.remote.description import ENGINE_SUFFIX

_MODEL_SUFFIXES = (".gguf", ".script.json", ENGINE_SUFFIX)


def dropped_model(data: QMimeData) -> Path | None:
    """The one local model file that is dragged, or None."""
    models = [path for path in _local(data) if path.name.lower().endswith(_MODEL_SUFFIXES)]
    return models[0] if len(models) == 1 else None


def dropped_documents(data: QMimeData) -> list[Path]:
    """The local files that are dragged, unless a model is among them."""
    paths = _local(data)
    models = any(path.name.lower().endswith(_MODEL_SUFFIXES) for path in paths)
    return [] if models else paths


def _local(data: QMimeData) -> list[Path]:
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
