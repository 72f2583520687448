"""Cancelling a load before the worker has begun it: the real client, worker and model."""

from __future__ import annotations

import queue

from engine.client import EngineClient
from engine.protocol import CancelLoad, Event, LoadFailed, LoadModel, ModelLoaded
from models.builtin import builtin_model_path


def test_a_load_cancelled_while_the_worker_starts_does_not_happen_and_the_next_one_does() -> None:
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    client = EngineClient(events.put)
    path = str(builtin_model_path())
    try:
        client.send(LoadModel(path))
        client.send(CancelLoad())
        client.send(LoadModel(path))
        ends: list[Event] = []
        while len(ends) < 2:
            event = events.get(timeout=60)
            if isinstance(event, ModelLoaded | LoadFailed):
                ends.append(event)
    finally:
        client.close()
    failed, loaded = ends
    assert isinstance(failed, LoadFailed)
    assert failed.code == "load-cancelled"
    assert isinstance(loaded, ModelLoaded)
