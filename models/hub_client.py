"""The connection of the hub's own client: it reads no more than it should and tells no more.

huggingface_hub reads replies of any length, and before its first request it fetches a list from the
hub by which it reports which variables are set in the environment. Through this it does neither;
and as in `models/transfer.py`, no redirect leaves encryption or carries a token to another host.
"""

from __future__ import annotations

from typing import Any, Final

import httpx2
from typing_extensions import override

from models.errors import HubAnswerError
from models.transfer import PLAIN_HEADERS, environment_errors, is_packed, send_safely

_LARGEST_REPLY_BYTES: Final = 32 * 2**20
"""About a hundred thousand files of a repository."""
_REPORTS: Final = "/api/agent-harnesses"


class HubClient(httpx2.Client):
    """An HTTP client for huggingface_hub.

    Args:
        timeout_seconds: How long to wait for a connection, and for the next bytes.

    Raises:
        HubOfflineError: The environment's network settings cannot be used.
    """

    def __init__(self, timeout_seconds: float) -> None:
        with environment_errors():
            super().__init__(timeout=timeout_seconds, follow_redirects=False)

    @override
    def send(self, request: httpx2.Request, **_options: Any) -> httpx2.Response:
        """Send a request and read its reply, as far as it may go.

        Raises:
            HubAnswerError: The reply is packed or too long, or redirects where it must not.
        """
        if request.url.path.endswith(_REPORTS):
            return httpx2.Response(404, request=request)
        request.headers.update(PLAIN_HEADERS)
        response = send_safely(super().send, request)
        try:
            content = _read(response)
        finally:
            response.close()
        return httpx2.Response(
            response.status_code,
            headers=response.headers,
            content=content,
            request=response.request,
        )


def _read(response: httpx2.Response) -> bytes:
    if is_packed(response):
        raise HubAnswerError("the reply is packed, which was not asked for")
    content = bytearray()
    for chunk in response.iter_raw():
        content += chunk
        if len(content) > _LARGEST_REPLY_BYTES:
            raise HubAnswerError(f"the reply is longer than {_LARGEST_REPLY_BYTES} bytes")
    return bytes(content)
