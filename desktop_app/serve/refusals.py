"""What the API says instead of an answer, in the shape OpenAI's clients know.

Texts of codes that a person may also meet elsewhere are in `desktop_app.error_text`.
"""

from __future__ import annotations

from typing import Final

from desktop_app.error_text import error_line

INVALID: Final = "invalid_request_error"
_UNAVAILABLE: Final = "service_unavailable_error"

_OF_THE_REQUEST: Final = {
    "prompt-too-long": ("context_length_exceeded", "messages"),
    "template": ("template", "messages"),
    "schema": ("invalid_json_schema", "response_format"),
}
"""Codes of the engine that mean that the question cannot be asked: what clients call them, and the
field that is meant."""


class RefusalError(Exception):
    """A request that gets no answer.

    Attributes:
        status: HTTP status.
        message: One line for a person; never part of a question or an answer.
        code: Stable identifier.
        kind: OpenAI's `type` of error.
        param: The field that is meant, or None.
        retry_after_seconds: When to try again, or None.
    """

    def __init__(
        self,
        status: int,
        message: str,
        code: str,
        *,
        kind: str = INVALID,
        param: str | None = None,
        retry_after_seconds: int | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.kind = kind
        self.param = param
        self.retry_after_seconds = retry_after_seconds

    @property
    def headers(self) -> dict[str, str]:
        """HTTP headers that go with it."""
        headers = {}
        if self.retry_after_seconds is not None:
            headers["Retry-After"] = str(self.retry_after_seconds)
        if self.status == 401:
            headers["WWW-Authenticate"] = "Bearer"
        return headers

    def about(self, param: str) -> RefusalError:
        """The same of a field that is called otherwise, by which its message begins."""
        message = self.message
        if self.param is not None and message.startswith(self.param):
            message = param + message.removeprefix(self.param)
        return RefusalError(
            self.status,
            message,
            self.code,
            kind=self.kind,
            param=param,
            retry_after_seconds=self.retry_after_seconds,
        )

    def body(self) -> dict[str, dict[str, str | None]]:
        """The error as OpenAI writes it."""
        return {
            "error": {
                "message": self.message,
                "type": self.kind,
                "code": self.code,
                "param": self.param,
            }
        }


def invalid(param: str | None, message: str, code: str = "invalid_value") -> RefusalError:
    """A field that cannot be honoured."""
    return RefusalError(400, message, code, param=param)


def unavailable(code: str, retry_after_seconds: int | None = None) -> RefusalError:
    """Nothing is wrong with the request, but it cannot be answered now."""
    return RefusalError(
        503,
        error_line(code),
        code,
        kind=_UNAVAILABLE,
        retry_after_seconds=retry_after_seconds,
    )


def failed(code: str, detail: str) -> RefusalError:
    """A deliberation that ended without a verdict.

    Args:
        code: An `EngineError` code.
        detail: What happened. The engine's words, of which those of a dead process are left out.
    """
    if code in _OF_THE_REQUEST:
        name, field = _OF_THE_REQUEST[code]
        return RefusalError(400, error_line(code, detail), name, param=field)
    if code == "bad-request":
        return unavailable("serve-not-ready", retry_after_seconds=1)
    return unavailable(code, retry_after_seconds=1)
