"""One engine process for all tests of the API; each test has a server, and models, of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from desktop_app.serve.opening import ServeOptions
from tests.desktop_app.serve.api_place import ApiPlace, Engine, Serve, new_engine, write_script


@pytest.fixture(scope="package")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with new_engine(tmp_path_factory.mktemp("engine")) as engine:
        yield engine


@pytest.fixture
def serve(engine: Engine, tmp_path: Path) -> Iterator[Serve]:
    """Serve lines of a script, or a model file, until the test ends."""
    places: list[ApiPlace] = []

    def begin(model: list[dict[str, Any]] | Path, **options: Any) -> ApiPlace:
        path = model if isinstance(model, Path) else write_script(tmp_path, model)
        places.append(ApiPlace(engine, path, ServeOptions(port=0, **options)))
        return places[-1]

    yield begin
    for place in places:
        place.close()


@pytest.fixture(scope="module")
def no_model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiPlace]:
    """An API without a model, without a token."""
    folder = tmp_path_factory.mktemp("no-model")
    with new_engine(folder) as engine, ApiPlace(engine, None) as place:
        yield place
