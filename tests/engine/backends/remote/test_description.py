"""Files that describe an engine elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.backends.remote.description import (
    EndpointDescription,
    EngineDescription,
    full_address,
    is_this_machine,
    read_description,
    write_description,
)
from engine.errors import ModelFileError


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("127.0.0.1:8080", "http://127.0.0.1:8080/v1"),
        (" https://api.example.org/v1/ ", "https://api.example.org/v1"),
        ("http://box:1234/openai/v1", "http://box:1234/openai/v1"),
        ("http://[::1]:8080", "http://[::1]:8080/v1"),
    ],
)
def test_an_address_is_made_whole(typed: str, meant: str) -> None:
    assert full_address(typed) == meant


@pytest.mark.parametrize(
    "typed",
    ["", "ftp://x/v1", "http://", "http://name:secret@x/v1", "http://x/v1?key=1", "http://x y/v1",
     "http://x:port/v1", "http://x:99999/v1", "http://x/v1#a",
     "http://x\u200b:1/v1"],
)  # fmt: skip
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        full_address(typed)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "new" / "two.engine.json"
    endpoints = (EndpointDescription("http://a:1/v1", "m", 4, "one"), EndpointDescription("b:2"))
    write_description(path, EngineDescription(endpoints, context_tokens=4096))
    read = read_description(path)
    assert read.context_tokens == 4096
    assert [e.address for e in read.endpoints] == ["http://a:1/v1", "http://b:2/v1"]
    assert [e.label for e in read.endpoints] == ["one", "b:2"]
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_bad_description_leaves_the_file_that_was_there(tmp_path: Path) -> None:
    path = tmp_path / "one.engine.json"
    write_description(path, EngineDescription((EndpointDescription("a"),)))
    before = path.read_bytes()
    with pytest.raises(ValueError, match="begins with"):
        write_description(path, EngineDescription((EndpointDescription("ftp://a"),)))
    assert path.read_bytes() == before


def test_keys_have_no_place_in_it(tmp_path: Path) -> None:
    path = tmp_path / "one.engine.json"
    path.write_text('{"endpoints": [{"address": "http://a/v1", "key": "secret"}]}')
    with pytest.raises(ModelFileError):
        read_description(path)


@pytest.mark.parametrize(
    ("address", "here"),
    [
        ("http://localhost:1/v1", True),
        ("http://127.0.0.9/v1", True),
        ("http://[::1]/v1", True),
        ("http://[::ffff:127.0.0.1]:8080/v1", True),
        ("http://0.0.0.0:8080/v1", True),
        ("http://[::]:8080/v1", True),
        ("http://[fe80::1%eth0]:8080/v1", False),
        ("http://192.168.1.4/v1", False),
        ("https://localhost.example.org/v1", False),
    ],
)
def test_whether_it_is_this_machine(address: str, *, here: bool) -> None:
    assert is_this_machine(address) is here
