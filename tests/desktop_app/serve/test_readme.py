"""The README's examples of the API work as they are written there."""

from __future__ import annotations

import json
import re
import shlex

import httpx2
import pytest

from models.builtin import builtin_model_path
from tests.desktop_app.serve.api_place import PATIENCE_SECONDS, ApiPlace, Serve
from tests.test_documents import code_blocks, shell_lines

ADDRESS = "http://127.0.0.1:8321/v1"


@pytest.fixture
def place(serve: Serve) -> ApiPlace:
    return serve(builtin_model_path())


def test_the_python_example_runs(place: ApiPlace, capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = (body for body in code_blocks("README.md", "python") if ADDRESS in body)
    names: dict[str, object] = {}
    exec(code.replace(ADDRESS, place.server.address), names)  # our own document
    names["client"].close()  # type: ignore[attr-defined]
    first, *_, last = capsys.readouterr().out.splitlines()
    assert re.match(r"12 \d", first)
    assert re.fullmatch(r"(majority|plurality) \d+\.\d+(e-\d+)? None", last)


def test_the_curl_example_is_answered(place: ApiPlace) -> None:
    (line,) = (line for line in shell_lines() if line.startswith("curl ") and ADDRESS in line)
    _, url, flag, body = shlex.split(line)
    assert flag == "-d"
    answer = httpx2.post(
        url.replace(ADDRESS, place.server.address), content=body, timeout=PATIENCE_SECONDS
    )
    assert len(answer.json()["ponder"]["candidates"]) <= json.loads(body)["samples"]
    assert answer.json()["choices"][0]["message"]["content"]
