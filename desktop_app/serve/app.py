"""The routes of the API."""

from __future__ import annotations

import time
from typing import Final

from fastapi import FastAPI, HTTPException, Request, Response
from starlette.exceptions import HTTPException as AnyHTTPException
from starlette.requests import ClientDisconnect

from desktop_app.error_text import error_line
from desktop_app.serve.access import HEALTH, Guard
from desktop_app.serve.connection import WatchedReply, json_response
from desktop_app.serve.desk import Desk
from desktop_app.serve.forms import CompletionForm, ResponseForm
from desktop_app.serve.opening import KEEP_ALIVE_SECONDS
from desktop_app.serve.question import check_model_id, model_id, question_of, read_question
from desktop_app.serve.refusals import RefusalError, unavailable
from desktop_app.serve.responses_wire import read_responses_request, responses_words
from engine.generation import ModelReport

MOST_BYTES: Final = 4 * 1024 * 1024
"""Of a request's body."""
_SERVED: Final = "here are only GET /v1/models, POST /v1/chat/completions and POST /v1/responses"
_DRAINED_BYTES: Final = 64 * 1024 * 1024
"""So much of a body that is too large is read and dropped, so that the client reads why."""


def build_app(
    desk: Desk, token: str | None, keep_alive_seconds: float = KEEP_ALIVE_SECONDS
) -> FastAPI:
    """Return the whole API.

    Args:
        desk: Where questions go.
        token: What clients must know, or None.
        keep_alive_seconds: The longest silence of a stream.
    """
    app = FastAPI(title="Ponder", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(Guard, token=token)
    since = int(time.time())

    @app.exception_handler(RefusalError)
    async def refuse(_request: Request, refusal: RefusalError) -> Response:
        return json_response(refusal.body(), refusal.status, refusal.headers)

    @app.exception_handler(ClientDisconnect)
    async def let_go(_request: Request, _gone: ClientDisconnect) -> Response:
        return Response(status_code=400)  # nobody reads it

    @app.exception_handler(AnyHTTPException)
    async def refuse_route(_request: Request, error: HTTPException) -> Response:
        code = "not_found" if error.status_code == 404 else "method_not_allowed"
        refusal = RefusalError(error.status_code, _SERVED, code)
        return json_response(refusal.body(), refusal.status)

    @app.exception_handler(Exception)
    async def fail(_request: Request, _error: Exception) -> Response:
        refusal = RefusalError(500, error_line("serve-bug"), "serve-bug", kind="server_error")
        return json_response(refusal.body(), refusal.status)

    @app.get(HEALTH)
    async def health() -> Response:
        ready = desk.session.model is not None
        said = "ok" if ready else "no model"
        return json_response({"status": said}, 200 if ready else 503)

    @app.get("/v1/models")
    async def models() -> Response:
        model = desk.session.model
        data = [] if model is None else [_described(model, since)]
        return json_response({"object": "list", "data": data})

    @app.get("/v1/models/{name:path}")
    async def one_model(name: str) -> Response:
        model = _ready(desk)
        check_model_id(name, model_id(model))
        return json_response(_described(model, since))

    @app.post("/v1/chat/completions")
    async def complete(request: Request) -> Response:
        body = await _body(request)
        question = read_question(body, _ready(desk))
        return WatchedReply(CompletionForm(), question, desk.take(question.ask), keep_alive_seconds)

    @app.post("/v1/responses")
    async def respond(request: Request) -> Response:
        body = await _body(request)
        with responses_words():
            asked, chat, ignored = read_responses_request(body)
            question = question_of(chat, ignored, _ready(desk))
        ticket = desk.take(question.ask)
        return WatchedReply(ResponseForm(asked), question, ticket, keep_alive_seconds)

    return app


def _ready(desk: Desk) -> ModelReport:
    """Return the loaded model.

    Raises:
        RefusalError: There is none.
    """
    model = desk.session.model
    if model is None:
        raise unavailable("serve-not-ready", retry_after_seconds=1)
    return model


def _described(model: ModelReport, since: int) -> dict[str, object]:
    return {
        "id": model_id(model),
        "object": "model",
        "created": since,
        "owned_by": "ponder",
        "own_thinking": [mode.wish for mode in model.own_thinking],
    }


async def _body(request: Request) -> bytes:
    """Read the body.

    Raises:
        RefusalError: It is too large.
    """
    parts: list[bytes] = []
    size_bytes = 0
    async for part in request.stream():
        size_bytes += len(part)
        if size_bytes <= MOST_BYTES:
            parts.append(part)
        elif size_bytes > _DRAINED_BYTES:
            break
    if size_bytes > MOST_BYTES:
        most = MOST_BYTES // (1024 * 1024)
        raise RefusalError(413, f"the body may have {most} MiB", "body_too_large")
    return b"".join(parts)
