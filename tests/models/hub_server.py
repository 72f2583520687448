"""A small real hub on loopback: the API of the hub client, a second host for files, and faults.

with HubServer() as hub:
    hub.add("owner/model", {"m-Q4_0.gguf": content})
    Hub(endpoint=hub.endpoint).repository("owner/model")
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, unquote, urlsplit

_API = "/api/models"
_DATASETS = "/api/datasets"
_RESOLVE = re.compile(r"/((?:datasets/)?[^/]+/[^/]+)/resolve/([^/]+)/(.+)")
_RANGE = re.compile(r"bytes=(\d+)-(\d*)")
_CHUNK_BYTES = 8192


@dataclass
class Fault:
    """What goes wrong with the answers of one host; each is used up, one answer after another.

    Attributes:
        statuses: Answer these instead, with these further headers.
        cuts: After so many bytes of a file the connection is cut.
        flips: At this place of the file a bit is another one.
        ranges: Whether parts of files can be asked for.
        etags: Whether the file host names the content.
        etag: How it names it instead, or "" for what follows from the content.
        claimed_bytes: Length that is claimed instead of the true one.
        before_chunk: Called before each chunk of a file; it may wait.
    """

    statuses: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    cuts: list[int] = field(default_factory=list)
    flips: list[int] = field(default_factory=list)
    ranges: bool = True
    etags: bool = True
    etag: str = ""
    claimed_bytes: int | None = None
    before_chunk: Callable[[int], None] = lambda _offset: None


@dataclass
class StoredRepository:
    """One repository on the server."""

    name: str
    files: dict[str, bytes]
    licence: str = "apache-2.0"
    gated: bool | str = False
    private: bool = False
    downloads: int = 10
    likes: int = 1
    changed: str = "2026-03-01T10:00:00.000Z"
    tags: tuple[str, ...] = ()
    hashes: dict[str, str] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    commit: str = ""

    def __post_init__(self) -> None:
        self.rename()

    def rename(self) -> None:
        """Name the commit after the content."""
        digest = hashlib.sha1(usedforsecurity=False)
        for path, content in sorted(self.files.items()):
            digest.update(path.encode("utf-8", "surrogatepass") + content)
        self.commit = digest.hexdigest()

    def described(self, *, files: bool) -> dict[str, object]:
        """As the API says it."""
        siblings = [
            {
                "rfilename": path,
                "size": self.sizes.get(path, len(content)),
                "blobId": "b",
                "lfs": {
                    "size": self.sizes.get(path, len(content)),
                    "sha256": self.hashes.get(path, hashlib.sha256(content).hexdigest()),
                    "pointerSize": 134,
                },
            }
            for path, content in self.files.items()
        ]
        said: dict[str, object] = {
            "id": self.name.removeprefix("datasets/"),
            "modelId": self.name,
            "sha": self.commit,
            "gated": self.gated,
            "private": self.private,
            "downloads": self.downloads,
            "likes": self.likes,
            "lastModified": self.changed,
            "tags": ["gguf", f"license:{self.licence}", *self.tags],
        }
        return {**said, "siblings": siblings} if files else said


class HubServer:
    """Two hosts: the hub, and the one that its redirects lead to.

    Attributes:
        repositories: By name.
        hub_fault: What goes wrong at the hub.
        file_fault: What goes wrong at the file host.
        tokens: Tokens that are known, and whose they are.
        raw_answers: What the API says instead, by path.
        raw_headers: Sent with these.
        requests: (host, method, path, headers) of every request, in order.
    """

    def __init__(self) -> None:
        self.repositories: dict[str, StoredRepository] = {}
        self.hub_fault, self.file_fault = Fault(), Fault()
        self.tokens: dict[str, str] = {"hf_right": "ada"}
        self.raw_answers: dict[str, bytes] = {}
        self.raw_headers: dict[str, str] = {}
        self.requests: list[tuple[str, str, str, dict[str, str]]] = []
        self.redirect_to: str | None = None
        self._lock = threading.Lock()
        self._servers = [self._server(_HubHandler), self._server(_FileHandler)]
        self._threads = [
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
            for server in self._servers
        ]

    def _server(self, kind: type[_Handler]) -> ThreadingHTTPServer:
        handler = type(kind.__name__, (kind,), {"hub": self})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        server.daemon_threads = True
        server.block_on_close = False
        return server

    @property
    def endpoint(self) -> str:
        """Address of the hub."""
        return f"http://127.0.0.1:{self._servers[0].server_port}"

    @property
    def file_host(self) -> str:
        """Address of the file host: another name for this machine, hence another host."""
        return f"http://localhost:{self._servers[1].server_port}"

    def add(self, name: str, files: Mapping[str, bytes], **more: object) -> StoredRepository:
        """Put a repository on the server."""
        repository = StoredRepository(name, dict(files), **more)  # type: ignore[arg-type]
        self.repositories[name] = repository
        return repository

    def note(self, host: str, handler: BaseHTTPRequestHandler) -> None:
        """Remember a request."""
        with self._lock:
            said = {name.lower(): value for name, value in handler.headers.items()}
            self.requests.append((host, handler.command, handler.path, said))

    def take(self, faults: list[object]) -> object | None:
        """Use up one fault of a list."""
        with self._lock:
            return faults.pop(0) if faults else None

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()
        for thread in self._threads:
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    hub: HubServer
    protocol_version = "HTTP/1.1"

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""

    def handle(self) -> None:
        try:
            super().handle()
        except (ConnectionError, TimeoutError):
            self.close_connection = True

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        raise NotImplementedError

    def failed(self, fault: Fault) -> bool:
        """Answer a fault if there is one."""
        found = self.hub.take(fault.statuses)  # type: ignore[arg-type]
        if not isinstance(found, tuple):
            return False
        status, headers = found
        self.answer(status, b"{}", headers)
        return True

    def answer(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


class _HubHandler(_Handler):
    def do_GET(self) -> None:
        self.hub.note("hub", self)
        if self.failed(self.hub.hub_fault):
            return
        url = urlsplit(self.path)
        raw = self.hub.raw_answers.get(url.path)
        resolved = _RESOLVE.fullmatch(unquote(url.path))
        if raw is not None:
            headers = {"Content-Type": "application/json", **self.hub.raw_headers}
            self.answer(200, raw, headers)
        elif url.path == "/api/whoami-v2":
            self._who()
        elif url.path == _API:
            self._list(parse_qs(url.query))
        elif url.path.startswith(f"{_API}/"):
            self._info(unquote(url.path.removeprefix(f"{_API}/")))
        elif url.path.startswith(f"{_DATASETS}/"):
            self._info("datasets/" + unquote(url.path.removeprefix(f"{_DATASETS}/")))
        elif resolved:
            self._resolve(*resolved.groups())
        else:
            self.answer(404, b"{}")

    def _said(self, value: object) -> None:
        self.answer(200, json.dumps(value).encode(), {"Content-Type": "application/json"})

    def _person(self) -> str | None:
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        return self.hub.tokens.get(token)

    def _who(self) -> None:
        person = self._person()
        if person is None:
            self.answer(401, b"{}")
        else:
            self._said({"name": person, "type": "user"})

    def _list(self, query: dict[str, list[str]]) -> None:
        def wanted(one: StoredRepository) -> bool:
            tags = {"gguf", f"license:{one.licence}", *one.tags}
            words = query.get("search", [""])[0].casefold()
            author = query.get("author", [""])[0]
            return (
                words in one.name.casefold()
                and (not author or one.name.startswith(f"{author}/"))
                and all(tag in tags for tag in query.get("filter", []))
            )

        found = [one for one in self.hub.repositories.values() if wanted(one)]
        key = query.get("sort", ["downloads"])[0]
        names = {"lastModified": "changed", "last_modified": "changed"}
        found.sort(key=lambda one: getattr(one, names.get(key, key)), reverse=True)
        limit = int(query.get("limit", ["100"])[0])
        self._said([one.described(files=False) for one in found[:limit]])

    def _info(self, rest: str) -> None:
        name, _, revision = rest.partition("/revision/")
        one = self.hub.repositories.get(name)
        if one is None or (one.private and self._person() is None):
            self.answer(401 if one else 404, b"{}", {"X-Error-Code": "RepoNotFound"})
        elif revision not in {"", "main", one.commit}:
            self.answer(404, b"{}", {"X-Error-Code": "RevisionNotFound"})
        else:
            self._said(one.described(files=True))

    def _resolve(self, name: str, revision: str, path: str) -> None:
        one = self.hub.repositories.get(name)
        if one is None or path not in one.files:
            self.answer(404, b"{}", {"X-Error-Code": "EntryNotFound"})
        elif one.gated and self._person() is None:
            self.answer(401, b"{}", {"X-Error-Code": "GatedRepo"})
        elif one.gated and one.gated != self._person():
            self.answer(403, b"{}", {"X-Error-Code": "GatedRepo"})
        else:
            place = self.hub.redirect_to or f"{self.hub.file_host}/{name}/{revision}/{path}"
            content = one.files[path]
            self.answer(
                302,
                b"",
                {
                    "Location": place,
                    "X-Repo-Commit": one.commit,
                    "X-Linked-Size": str(len(content)),
                    "X-Linked-Etag": f'"{hashlib.sha256(content).hexdigest()}"',
                },
            )


class _FileHandler(_Handler):
    def do_GET(self) -> None:
        self.hub.note("files", self)
        fault = self.hub.file_fault
        if self.failed(fault):
            return
        asked = unquote(urlsplit(self.path).path).lstrip("/")
        name = next(n for n in self.hub.repositories if asked.startswith(f"{n}/"))
        content = self.hub.repositories[name].files[asked.removeprefix(f"{name}/").split("/", 1)[1]]
        etag = fault.etag or f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'
        first, last = 0, len(content) - 1
        match = _RANGE.fullmatch(self.headers.get("Range", ""))
        same = self.headers.get("If-Range", etag) == etag
        partly = match is not None and fault.ranges and same
        if match and partly:
            first = int(match[1])
            last = min(int(match[2]), last) if match[2] else last
            if first > last:
                self.answer(416, b"", {"Content-Range": f"bytes */{len(content)}"})
                return
        total = fault.claimed_bytes or len(content)
        self.send_response(206 if partly else 200)
        self.send_header("Content-Length", str(last + 1 - first if partly else total - first))
        if partly:
            self.send_header("Content-Range", f"bytes {first}-{last}/{total}")
        if fault.etags:
            self.send_header("ETag", etag)
        self.end_headers()
        self._send(content, first, last + 1, fault)

    def _send(self, content: bytes, first: int, end: int, fault: Fault) -> None:
        cut = self.hub.take(fault.cuts)  # type: ignore[arg-type]
        flip = self.hub.take(fault.flips)  # type: ignore[arg-type]
        if isinstance(cut, int):
            end = min(end, first + cut)
        body = bytearray(content[first:end])
        if isinstance(flip, int) and first <= flip < end:
            body[flip - first] ^= 1
        for offset in range(0, len(body), _CHUNK_BYTES):
            fault.before_chunk(first + offset)
            self.wfile.write(body[offset : offset + _CHUNK_BYTES])
        if isinstance(cut, int):
            self.close_connection = True
            self.connection.shutdown(2)
