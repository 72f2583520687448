"""A small real server on loopback that speaks OpenAI's chat API, well or badly.

with ChatServer() as server:
    server.faults = ["cut", "500"]
    ... ask at server.address ...

Each chat request uses up one fault; without one it is answered. Every answer is a count and a line
`Answer: ...` taken from `answers` in turn.
"""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import nullcontext, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Final, Self

import trustme

FAULTS: Final = (
    "400", "401", "404", "429", "500", "503", "redirect", "reset", "empty", "page", "nonsense",
    "shape", "cut", "unfinished", "endless", "long-line", "silent", "fewer", "more", "wrong-index",
    "filtered", "bytes", "aborted", "failed",
)  # fmt: skip
PONDERING: Final = "pondering"
"""A hidden thought without end; no fault of a server."""
_BAD_LINES: Final = {
    "nonsense": 'data: {"choices": [{',
    "shape": 'data: {"choices": [{"index": 0, "delta": {"content": 5}}]}',
    "long-line": "data: " + "x" * (2 << 20),
    "bytes": 'data: {"choices": [{"index": 0, "delta": {"content": "\udce2\udc82"}}]}',
}
_WORDS = ("I", " count", " them", ".\n", "Answer:", " ")


class ChatServer:
    """Answers on a port of its own.

    Attributes:
        faults: What goes wrong with the next chat requests, "" for nothing.
        fault_of: Draws a fault where `faults` is used up.
        answers: What is answered, in turn.
        thought: Hidden thought that goes before, or "".
        n: Whether `n` is honoured.
        gives: What it gives of "logprobs" and "usage".
        refuses: A parameter that it answers with 400, or "".
        owner: Whose program it says it is.
        writes_prompt: The prompt it writes, by what its template is told, or None where it cannot.
        goes_on: What it gives as a reason to end while a candidate goes on.
        says_more: What it says of its model beside its name.
        key: What it wants to see, or None.
        closes_unsaid: Whether it closes a connection behind a whole answer without saying so.
        one_by_one: Whether a request waits, without a word, until the one before is answered.
        before_words: Called before the words of an answer; it may wait.
        requests: Bodies of chat requests, in order.
        keys: Authorization headers it saw.
        left: Streams whose reader left early.
        injected: Faults so far.
    """

    def __init__(
        self,
        answers: tuple[str, ...] = ("5",),
        model: str = "m",
        certificate: trustme.LeafCert | None = None,
    ) -> None:
        self.faults: list[str] = []
        self.fault_of: Callable[[], str] = lambda: ""
        self.answers, self.model = answers, model
        self.thought = ""
        self.n = False
        self.gives = {"logprobs", "usage"}
        self.refuses = ""
        self.owner = "test"
        self.writes_prompt: Callable[[dict[str, Any]], str | None] | None = None
        self.goes_on: str | None = None
        self.says_more: dict[str, object] = {}
        self.key: str | None = None
        self.elsewhere = ""
        self.slots: int | None = None
        self.closes_unsaid = False
        self.one_by_one = False
        self.turn = threading.Lock()
        self.before_words: Callable[[], None] = lambda: None
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.left = threading.Semaphore(0)
        self.injected = 0
        self.running = self.most_running = 0
        self._count = 0
        self._lock = threading.Lock()
        self.closing = threading.Event()
        self.connections: list[socket.socket] = []
        handler = type("Handler", (_Handler,), {"server_state": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            certificate.configure_cert(context)
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        scheme = "http" if certificate is None else "https"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )
        self.address = f"{scheme}://127.0.0.1:{self._server.server_port}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End it: its port refuses, its connections are cut. Idempotent."""
        self.closing.set()
        for connection in self.connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._server.shutdown()
        self._server.server_close()

    def next_fault(self) -> str:
        """Use up one fault."""
        with self._lock:
            fault = self.faults.pop(0) if self.faults else self.fault_of()
            self.injected += bool(fault)
            return fault

    def next_answer(self) -> str:
        """Take the next answer."""
        with self._lock:
            answer = self.answers[self._count % len(self.answers)]
            self._count += 1
            return answer


class _Handler(BaseHTTPRequestHandler):
    server_state: ChatServer
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        self.server_state.connections.append(self.request)
        super().setup()

    def log_message(self, format: str, *_: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""

    def do_GET(self) -> None:
        state = self.server_state
        if not self._is_let_in():
            return
        if self.path == "/v1/models":
            card = {"id": state.model, "owned_by": state.owner, **state.says_more}
            self._json({"object": "list", "data": [card]})
        elif self.path == "/props" and state.slots is not None:
            settings = {"n_ctx": 2048}
            self._json({"total_slots": state.slots, "default_generation_settings": settings})
        else:
            self._status(404)

    def do_POST(self) -> None:
        state = self.server_state
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        state.keys.append(self.headers.get("Authorization"))
        if not self._is_let_in():
            return
        if self.path in {"/apply-template", "/tokenize"}:
            self._write_prompt(body)
            return
        if state.refuses and state.refuses in body:
            self._status(400, {"error": {"message": f"unknown parameter '{state.refuses}'"}})
            return
        probing = body["messages"][0]["content"] == "Say yes."
        fault = "" if probing else state.next_fault()
        if not probing:
            state.requests.append(body)
        with state._lock:
            state.running += 1
            state.most_running = max(state.most_running, state.running)
        try:
            with state.turn if state.one_by_one else nullcontext():
                if not self._misbehaves(fault):
                    self._answer(body, fault)
        except (BrokenPipeError, ConnectionError):
            state.left.release()
            self.close_connection = True
        finally:
            with state._lock:
                state.running -= 1

    def _write_prompt(self, body: dict[str, Any]) -> None:
        """As llama-server does, or vLLM; a template that raises is 400 with both."""
        writes = self.server_state.writes_prompt
        prompt = writes(body.get("chat_template_kwargs", {})) if writes is not None else None
        if writes is None or prompt is None:
            self._status(404 if writes is None else 400)
        elif self.path == "/tokenize":
            self._json({"tokens": list(prompt.encode()), "count": len(prompt)})
        else:
            self._json({"prompt": prompt})

    def _is_let_in(self) -> bool:
        wanted = self.server_state.key
        if wanted is None or self.headers.get("Authorization") == f"Bearer {wanted}":
            return True
        self._status(401)
        return False

    def _misbehaves(self, fault: str) -> bool:
        """Do something else than answer."""
        if fault.isdigit():
            self._status(int(fault), retry_after="0")
        elif fault == "redirect":
            self.send_response(307)
            self.send_header("Location", f"{self.server_state.elsewhere}/chat/completions")
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif fault == "reset":
            self.close_connection = True
        elif fault == "empty":
            self._raw(b"", "text/event-stream")
        elif fault == "page":
            self._raw(b"<html>Sign in</html>", "text/html")
        elif fault == "silent":
            self.server_state.closing.wait(30)
            self.close_connection = True
        else:
            return False
        return True

    def _answer(self, body: dict[str, Any], fault: str) -> None:
        count = body.get("n", 1) if self.server_state.n else 1
        if fault == "fewer":
            count = max(1, count - 1)
        elif fault == "more":
            count += 2
        if not body.get("stream"):
            self._whole(body, count)
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.close_connection = True
        self.end_headers()
        self._line(": hello")
        for event in self._events(body, count, fault):
            self._line(event)

    def _whole(self, body: dict[str, Any], count: int) -> None:
        state = self.server_state
        choice: dict[str, Any] = {"finish_reason": "stop", "message": {"content": "Yes"}}
        if body.get("logprobs") and "logprobs" in state.gives:
            top = [{"token": "Yes", "logprob": -0.105}, {"token": "No", "logprob": -2.303}]
            token = {"token": "Yes", "logprob": -0.105, "top_logprobs": top}
            choice["logprobs"] = {"content": [token]}
        self._json({"choices": [{**choice, "index": index} for index in range(count)]})

    def _events(self, body: dict[str, Any], count: int, fault: str) -> Iterator[str]:
        state = self.server_state
        answers = [state.next_answer() for _ in range(count)]
        first = 7 if fault == "wrong-index" else 0
        if fault in _BAD_LINES:
            yield _BAD_LINES[fault]
        yield from self._thoughts(count, fault)
        state.before_words()
        for number, word in enumerate((*_WORDS, None)):
            if fault == "cut" and number == 3:
                self.connection.close()
                return
            given = body.get("logprobs") and "logprobs" in state.gives
            for index, answer in enumerate(answers):
                text = answer if word is None else word
                logprobs = {"content": [{"token": text, "logprob": -0.5}]} if given else None
                yield self._piece(first + index, {"content": text}, logprobs)
        while fault == "endless" and not state.closing.is_set():
            yield self._piece(0, {"content": " and" * 2000})
        for index in range(0 if fault == "unfinished" else count):
            why = {"filtered": "content_filter", "aborted": "abort"}.get(fault, "stop")
            if fault == "failed":
                yield 'data: {"error": {"message": "out of memory"}}'
            yield self._piece(first + index, {}, finish=why)
        if body.get("stream_options") and "usage" in state.gives:
            words = (len(_WORDS) + 1) * count
            usage = {"prompt_tokens": 11, "completion_tokens": words}
            yield f"data: {json.dumps({'choices': [], 'usage': usage})}"
        yield "data: [DONE]"

    def _thoughts(self, count: int, fault: str) -> Iterator[str]:
        state = self.server_state
        for index in range(count if state.thought else 0):
            yield self._piece(index, {"reasoning_content": state.thought})
        while fault == PONDERING and not state.closing.is_set():
            yield self._piece(0, {"reasoning_content": " Hm."})

    def _piece(
        self,
        index: int,
        delta: dict[str, str],
        logprobs: dict[str, Any] | None = None,
        finish: str | None = None,
    ) -> str:
        why = finish or self.server_state.goes_on
        choice = {"index": index, "delta": delta, "finish_reason": why, "logprobs": logprobs}
        return f"data: {json.dumps({'choices': [choice]})}"

    def _line(self, text: str) -> None:
        self.wfile.write(f"{text}\n\n".encode(errors="surrogateescape"))
        self.wfile.flush()

    def _json(self, content: object) -> None:
        self._raw(json.dumps(content).encode(), "application/json")

    def _raw(self, content: bytes, kind: str, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        self.close_connection = self.close_connection or self.server_state.closes_unsaid

    def _status(self, status: int, body: object = None, retry_after: str = "") -> None:
        content = json.dumps(body or {"error": {"message": "no"}}).encode()
        self.send_response(status)
        if retry_after:
            self.send_header("Retry-After", retry_after)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
