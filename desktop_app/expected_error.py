"""The root of failures of the window and the terminal themselves that are expected."""

from __future__ import annotations

from typing import ClassVar


class ExpectedError(Exception):
    """Something a person can be told of in the words of `error_text`.

    Attributes:
        code: Stable identifier.
        detail: What happened in technical terms.
    """

    code: ClassVar[str]

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail)
        self.detail = detail
