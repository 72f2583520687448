"""Reads a file that a person attaches: plain text here, PDF and Word in a child process.

Such files come from anywhere. Their parsers may hang or eat memory on some, so they run in a child
that is killed when it takes too long. Pictures are not read: a scan has no text.
"""

from __future__ import annotations

import codecs
import os
import subprocess
from pathlib import Path
from typing import ClassVar, Final

import msgspec

from engine.documents.attached import AttachedFile
from engine.worker_command import Child, child_command, child_environment

MOST_BYTES: Final = 20 * 2**20
MOST_CHARACTERS: Final = 1_000_000
_SECONDS: Final = 30.0
_PARSED: Final = {".pdf": "pdf", ".docx": "docx"}
_SAMPLE_BYTES: Final = 100_000
"""Enough to tell an encoding by."""
_ODD: Final = {code: None for code in range(32) if chr(code) not in "\t\n"} | {0xFEFF: None}


class DocumentError(Exception):
    """Base of what can be wrong with a file that is attached.

    Attributes:
        code: Stable identifier.
        detail: What happened in technical terms; never what the file says.
    """

    code: ClassVar[str] = "document-unreadable"

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail)
        self.detail = detail


class DocumentTooLargeError(DocumentError):
    """It is longer than a question can be."""

    code = "document-too-large"


class DocumentWithoutTextError(DocumentError):
    """It can be read and says nothing: a scan, an empty file."""

    code = "document-without-text"


class NotADocumentError(DocumentError):
    """It is not text, PDF or Word."""

    code = "document-not-text"


class DocumentLockedError(DocumentError):
    """It wants a password."""

    code = "document-locked"


_BY_CODE: Final = {
    error.code: error
    for error in (
        DocumentError, DocumentTooLargeError, DocumentWithoutTextError, DocumentLockedError,
    )
}  # fmt: skip


class Reply(msgspec.Struct, frozen=True):
    """What the child found.

    Attributes:
        text: What the file says.
        code: The `DocumentError` it is, or "".
        detail: Of that error.
    """

    text: str = ""
    code: str = ""
    detail: str = ""


def read_document(path: Path, seconds: float = _SECONDS) -> AttachedFile:
    """Read a file as text.

    Args:
        path: Plain text of any kind, PDF or Word (.docx).
        seconds: Longest wait for a parser.

    Raises:
        DocumentError: It cannot be read, or says nothing.
    """
    try:
        if path.is_dir():
            raise NotADocumentError("a folder")
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        raise DocumentError(_reason(error)) from error
    if len(content) > MOST_BYTES:
        raise DocumentTooLargeError(f"more than {MOST_BYTES // 2**20} MB")
    kind = _PARSED.get(path.suffix.lower()) or ("pdf" if content.startswith(b"%PDF-") else "")
    text = _parsed(kind, content, seconds) if kind else _decoded(content)
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_ODD).strip("\n")
    if not text.strip():
        raise DocumentWithoutTextError
    if len(text) > MOST_CHARACTERS:
        raise DocumentTooLargeError(f"more than {MOST_CHARACTERS:,} characters")
    return AttachedFile(_spelled(path.name), text)


def _spelled(name: str) -> str:
    """A name that is not UTF-8 on the disk, with marks for the odd bytes."""
    return os.fsencode(name).decode("utf-8", "replace")


def _decoded(content: bytes) -> str:
    """The text of plain text, in whatever encoding.

    Raises:
        NotADocumentError: It is none.
    """
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    if b"\0" in content:
        raise NotADocumentError
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        from charset_normalizer import from_bytes  # slow to import, rarely needed

        best = from_bytes(content[:_SAMPLE_BYTES]).best()
    if best is None:
        raise NotADocumentError
    return content.decode(best.encoding, "replace")


def _parsed(kind: str, content: bytes, seconds: float) -> str:
    """The text of a file that needs a parser.

    Raises:
        DocumentError: The child says why, or does not say anything in time.
    """
    try:
        ended = subprocess.run(
            child_command(Child.DOCUMENT, kind),
            input=content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=seconds,
            check=False,
            env=child_environment(),
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        reply = msgspec.json.decode(ended.stdout, type=Reply)
    except subprocess.TimeoutExpired as error:
        raise DocumentError(f"not read within {seconds:.0f} s") from error
    except OSError as error:
        raise DocumentError(_reason(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DocumentError("its parser ended unexpectedly") from error
    if reply.code:
        raise _BY_CODE.get(reply.code, DocumentError)(reply.detail)
    return reply.text


def _reason(error: OSError | ValueError) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
