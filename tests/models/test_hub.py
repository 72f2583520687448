"""The hub through its real client, against a small real server."""

from __future__ import annotations

import gc
import gzip
import json
import time
from collections.abc import Iterator
from contextlib import closing

import pytest
from huggingface_hub import close_session, constants

from models.description import describe
from models.errors import (
    HubAnswerError,
    HubBusyError,
    HubGatedError,
    HubNotFoundError,
    HubOfflineError,
    HubTokenError,
)
from models.gguf import read_metadata
from models.hub import Hub, card_text
from models.transfer import Address, RemoteSource, Transfer
from tests.models.gguf_files import Gguf
from tests.models.hub_server import HubServer
from tests.socks_server import SocksServer


@pytest.fixture
def server() -> Iterator[HubServer]:
    with HubServer() as server:
        yield server


@pytest.fixture
def transfer() -> Iterator[Transfer]:
    opened = Transfer(timeout_seconds=10)
    yield opened
    opened.close()


def test_a_search_finds_by_name_owner_and_tag(server: HubServer) -> None:
    server.add("ada/story-GGUF", {}, downloads=5, likes=9)
    server.add("ada/poem-GGUF", {}, downloads=50, likes=2, tags=("conversational",))
    server.add("bob/story-GGUF", {}, downloads=500, gated="auto", licence="mit")
    hub = Hub(endpoint=server.endpoint)
    names = [found.name for found in hub.search("story")]
    assert names == ["bob/story-GGUF", "ada/story-GGUF"]
    assert hub.search(author="ada", sort="likes")[0].name == "ada/story-GGUF"
    assert [f.name for f in hub.search(tag="conversational")] == ["ada/poem-GGUF"]
    assert len(hub.search(limit=2)) == 2
    first = hub.search("story")[0]
    assert (first.gated, first.licence, first.changed_on) == (True, "mit", "2026-03-01")


def test_a_licence_that_no_file_can_hold_is_taken_as_it_can_be(server: HubServer) -> None:
    server.add("ada/story-GGUF", {}, licence="mit\ud800")
    (found,) = Hub(endpoint=server.endpoint).search("story")
    assert found.licence == "mit?"
    "".join(found.tags).encode()


@pytest.mark.parametrize("proxy", ["socks4://127.0.0.1:1/", "socks://127.0.0.1:1/", "http://[::1"])
def test_a_proxy_of_no_use_is_said(
    proxy: str, server: HubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    close_session()  # the client's, which has read the environment
    monkeypatch.setenv("ALL_PROXY", proxy)
    with pytest.raises(HubOfflineError, match="proxy or certificates"):
        Hub(endpoint=server.endpoint).search("story")


@pytest.mark.parametrize("login", [None, ("ada", "secret")])
def test_a_socks_proxy_leads_to_the_hub_and_its_files(
    login: tuple[str, str] | None, server: HubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = server.add("ada/m", {"README.md": b"card", "m-Q4_0.gguf": b"4" * 40})
    port = int(server.endpoint.rpartition(":")[2])
    with closing(SocksServer({"hub.example": port}, login)) as proxy:
        close_session()
        monkeypatch.setenv("ALL_PROXY", proxy.address)
        hub = Hub(endpoint="http://hub.example")
        assert [found.name for found in hub.search("m")] == ["ada/m"]
        with closing(Transfer(timeout_seconds=10)) as transfer:
            url = f"http://hub.example/ada/m/resolve/{stored.commit}/m-Q4_0.gguf"
            assert transfer.read(Address(url), 100) == b"4" * 40
        assert proxy.asked[0] == ("hub.example", 80)  # the proxy finds the name
        close_session()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # httpcore's socket
@pytest.mark.parametrize("speaks", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n"])
def test_what_is_no_socks_proxy_is_as_good_as_no_connection(
    speaks: bytes, server: HubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(SocksServer({}, speaks=speaks)) as proxy:
        close_session()
        monkeypatch.setenv("ALL_PROXY", proxy.address)
        with pytest.raises(HubOfflineError):
            Hub(endpoint=server.endpoint).search("m")
        with closing(Transfer(timeout_seconds=10)) as transfer, pytest.raises(HubOfflineError):
            transfer.read(Address(server.endpoint), 100)
        close_session()
    gc.collect()


def test_a_token_that_cannot_be_sent_is_the_token_s_fault(server: HubServer) -> None:
    with pytest.raises(HubTokenError, match="sign"):
        Hub("hf_12…", server.endpoint)


def test_a_repository_lists_its_quantizations(server: HubServer) -> None:
    stored = server.add(
        "ada/m",
        {
            "README.md": b"card",
            "m-Q8_0.gguf": b"8" * 80,
            "m-Q4_K_M.gguf": b"4" * 40,
            "m-BF16-00002-of-00002.gguf": b"b" * 60,
            "m-BF16-00001-of-00002.gguf": b"a" * 100,
            "mmproj-m-f16.gguf": b"v",
            "m-Q2_K.gguf": b"",
            "../../evil-Q4_0.gguf": b"x",
        },
    )
    repository = Hub(endpoint=server.endpoint).repository("ada/m")
    assert [(m.label, m.size_bytes, len(m.files)) for m in repository.models] == [
        ("Q4_K_M", 40, 1),
        ("Q8_0", 80, 1),
        ("BF16", 160, 2),
    ]
    assert repository.revision == stored.commit
    assert repository.left_out == ("../../evil-Q4_0.gguf",)
    assert repository.model("q8_0").files[0].path == "m-Q8_0.gguf"
    with pytest.raises(HubNotFoundError, match="Q4_K_M"):
        repository.model("Q2_K")


def test_two_models_of_one_quantization_are_told_apart(server: HubServer) -> None:
    server.add("ada/m", {"a-Q4_0.gguf": b"1", "b-Q4_0.gguf": b"22"})
    labels = [m.label for m in Hub(endpoint=server.endpoint).repository("ada/m").models]
    assert labels == ["a-Q4_0", "b-Q4_0"]


@pytest.mark.parametrize(
    ("status", "headers", "error"),
    [
        (401, {}, HubTokenError),
        (401, {"X-Error-Code": "RepoNotFound"}, HubNotFoundError),
        (403, {}, HubTokenError),
        (403, {"X-Error-Code": "GatedRepo"}, HubGatedError),
        (404, {"X-Error-Code": "RepoNotFound"}, HubNotFoundError),
        (429, {"Retry-After": "7"}, HubBusyError),
        (500, {}, HubBusyError),
        (503, {}, HubBusyError),
        (418, {}, HubAnswerError),
    ],
)
def test_refusals_have_names(
    status: int, headers: dict[str, str], error: type[Exception], server: HubServer
) -> None:
    server.hub_fault.statuses.append((status, headers))
    with pytest.raises(error) as caught:
        Hub("hf_secret", server.endpoint).repository("ada/m")
    assert "hf_secret" not in str(caught.value)
    if isinstance(caught.value, HubBusyError) and status == 429:
        assert caught.value.retry_after_seconds == 7


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"not json",
        b"[]",
        b"{}",
        b'{"id": 5, "sha": []}',
        b'{"id": "ada/m"}',
        b'{"id": "ada/m", "sha": "main"}',
        b'{"id": "ada/m", "sha": "%s", "siblings": [{"rfilename": "a.gguf"}]}' % (b"0" * 40),
        b'{"id": "ada/m", "sha": "%s", "siblings": [{"rfilename": "a.gguf", "size": -1}]}'
        % (b"0" * 40),
        b'{"id": "ada/m", "sha": "%s", "siblings": [{"rfilename": 3}]}' % (b"0" * 40),
        b'{"id": "ada/m", "sha": "%s", "siblings": 7}' % (b"0" * 40),
        b"\xff\xfe" * 1000,
        b"[" * 100_000,
    ],
)
def test_answers_without_sense_are_refused(raw: bytes, server: HubServer) -> None:
    server.raw_answers["/api/models/ada/m"] = raw
    with pytest.raises(HubAnswerError):
        Hub(endpoint=server.endpoint).repository("ada/m")


def test_what_is_not_there_is_refused_like_what_is_private(server: HubServer) -> None:
    server.hub_fault.statuses.append((401, {}))
    with pytest.raises(HubNotFoundError):
        Hub(endpoint=server.endpoint).repository("ada/m")


def test_a_name_that_is_none_is_not_asked_for(server: HubServer) -> None:
    with pytest.raises(HubNotFoundError):
        Hub(endpoint=server.endpoint).repository("../whoami-v2")
    assert not server.requests


@pytest.mark.parametrize("packed", [False, True])
def test_a_reply_without_an_end_is_refused(*, packed: bool, server: HubServer) -> None:
    one = server.add("ada/m", {"m-Q4_0.gguf": b"4"})
    raw = json.dumps(one.described(files=True)).encode() + b" " * 33 * 2**20
    server.raw_answers["/api/models/ada/m"] = gzip.compress(raw, 1) if packed else raw
    server.raw_headers = {"Content-Encoding": "gzip"} if packed else {}
    with pytest.raises(HubAnswerError):
        Hub(endpoint=server.endpoint).repository("ada/m")


def test_many_parts_of_models_that_lack_the_rest_are_looked_at_soon(server: HubServer) -> None:
    files = {f"m{number}-Q4_0-00001-of-99999.gguf": b"4" for number in range(3000)}
    server.add("ada/m", files)
    started = time.monotonic()
    assert Hub(endpoint=server.endpoint).repository("ada/m").models == ()
    assert time.monotonic() - started < 3


def test_no_more_is_found_than_was_asked_for(server: HubServer) -> None:
    names = [server.add(f"ada/m{number}", {}).described(files=False) for number in range(9)]
    server.raw_answers["/api/models"] = json.dumps(names).encode()
    server.raw_headers = {"Link": f'<{server.endpoint}/api/models?cursor=x>; rel="next"'}
    assert len(Hub(endpoint=server.endpoint).search(limit=4)) == 4
    assert len(server.requests) == 1


def test_the_hub_learns_nothing_of_the_environment(
    server: HubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library asks it for names of variables, and then says which of them are there."""
    monkeypatch.setattr(constants, "ENDPOINT", server.endpoint)
    server.raw_answers["/api/agent-harnesses"] = json.dumps(
        {"standardEnvVars": [], "harnesses": {"spied": {"envVars": {"PATH": "*"}}}}
    ).encode()
    server.add("ada/m", {"m-Q4_0.gguf": b"4"})
    hub = Hub("hf_right")
    hub.search("m")
    hub.repository("ada/m")
    hub.person()
    asked = [path.partition("?")[0] for _, _, path, _ in server.requests]
    assert asked == ["/api/models", "/api/models/ada/m", "/api/whoami-v2"]
    assert {headers["user-agent"] for _, _, _, headers in server.requests} == {"ponder"}


def test_no_hub_is_offline() -> None:
    with pytest.raises(HubOfflineError):
        Hub(endpoint="http://127.0.0.1:1").search("x")


def test_a_token_has_an_owner(server: HubServer) -> None:
    assert Hub("hf_right", server.endpoint).person() == "ada"
    with pytest.raises(HubTokenError):
        Hub("hf_wrong", server.endpoint).person()


def test_a_header_is_read_before_the_download(server: HubServer, transfer: Transfer) -> None:
    content = Gguf(data_bytes=5_000_000).content()
    server.add("ada/m", {"m-Q4_0.gguf": content})
    hub = Hub(endpoint=server.endpoint)
    repository = hub.repository("ada/m")
    address = hub.address(repository.name, repository.revision, "m-Q4_0.gguf")
    source = RemoteSource(transfer, address, len(content))
    found = describe(read_metadata(source, 2**20), ())
    assert found.architecture == "llama"
    assert source.fetched_bytes <= 1_100_000 < len(content)


def test_the_token_is_shown_to_the_hub_alone(server: HubServer, transfer: Transfer) -> None:
    server.add("ada/m", {"README.md": b"---\nlicense: mit\n---\n# Card\ntext"})
    hub = Hub("hf_right", server.endpoint)
    address = hub.card_address(hub.repository("ada/m"))
    assert card_text(transfer.read(address, 1000)) == "# Card\ntext"
    assert "hf_right" not in repr(address)
    for host, _, _, headers in server.requests:
        assert ("authorization" in headers) == (host == "hub")


def test_a_gated_file_says_so(server: HubServer, transfer: Transfer) -> None:
    server.add("ada/m", {"a.gguf": b"a"}, gated="auto")
    for token in (None, "hf_wrong", "hf_right"):
        address = Hub(token, server.endpoint).address("ada/m", "main", "a.gguf")
        with pytest.raises(HubGatedError), transfer.open(address):
            pass


@pytest.mark.parametrize("place", ["file:///etc/passwd", "ftp://127.0.0.1/x", "http://[", "//"])
def test_a_redirect_into_the_woods_is_refused(
    place: str, server: HubServer, transfer: Transfer
) -> None:
    server.add("ada/m", {"a.gguf": b"a"})
    server.redirect_to = place
    address = Hub(endpoint=server.endpoint).address("ada/m", "main", "a.gguf")
    with pytest.raises((HubAnswerError, HubOfflineError)), transfer.open(address):
        pass


def test_endless_redirects_end(server: HubServer, transfer: Transfer) -> None:
    server.add("ada/m", {"a.gguf": b"a"})
    address = Hub(endpoint=server.endpoint).address("ada/m", "main", "a.gguf")
    server.redirect_to = address.url
    with pytest.raises(HubAnswerError, match="redirected"), transfer.open(address):
        pass


def test_an_address_hides_its_headers() -> None:
    assert "secret" not in repr(Address("http://x", {"Authorization": "secret"}))
