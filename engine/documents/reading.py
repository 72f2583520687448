"""Reads a file that a person attaches: plain text here, PDF and Word in a child process.

Such files come from anywhere. Their parsers may hang or eat memory on some, so they run in a child
that is killed when it takes too long. Pictures are not read: a scan has no text.
"""

from __future__ import annotations

import codecs
import os
import stat
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
_SAMPLE_BYTES: Final = 50_000
"""Enough to tell an encoding by."""
_WESTERN: Final = "cp1252"
_ENCODINGS: Final = [
    _WESTERN, "cp1250", "cp1251", "cp1253", "cp1254",
    "cp932", "gb18030", "big5", "cp949", "euc_jp",
]  # fmt: skip
"""What texts that are not Unicode are in: one page of Windows for each script, and East Asia's."""
_CONTROLS: Final = bytes(code for code in range(32) if code not in b"\t\n\r\f\x1b")
_HIGH: Final = bytes(range(128, 256))
_FEW_CONTROLS: Final = 4
_MOST_CONTROLS: Final = 0.01
"""Share of control characters, beside a few, above which it is no text."""
_BAD_IN_GOOD: Final = 0.1
"""A text is UTF-8 with damage where at most so many of its other characters are broken."""
_ODD: Final = {
    **{code: None for code in range(32) if chr(code) not in "\t\n"},
    **dict.fromkeys(b"\v\f", "\n"),
    0xFEFF: None,
}
"""What is left out of a text, and what breaks a line or a page."""
_WORD_WITH_PASSWORD: Final = b"\xd0\xcf\x11\xe0"
"""An encrypted .docx is an OLE file."""


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
        if not stat.S_ISREG(path.stat().st_mode):
            raise NotADocumentError("no file, but a folder or a device")
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        raise DocumentError(_reason(error)) from error
    if len(content) > MOST_BYTES:
        raise DocumentTooLargeError(f"more than {MOST_BYTES // 2**20} MB")
    kind = _PARSED.get(path.suffix.lower()) or ("pdf" if content.startswith(b"%PDF-") else "")
    if kind == "docx" and content.startswith(_WORD_WITH_PASSWORD):
        raise DocumentLockedError
    text = _parsed(kind, content, seconds) if kind else cleaned(_decoded(content))
    text = text.strip("\n")
    if not text.strip():
        raise DocumentWithoutTextError
    return AttachedFile(_spelled(path.name), text)


def cleaned(text: str) -> str:
    """Return a text with plain line ends and without what cannot be shown.

    Raises:
        DocumentTooLargeError: It is longer than a question can be.
    """
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    if len(plain) <= 2 * MOST_CHARACTERS:  # or it would take long, and others would wait
        plain = plain.translate(_ODD)
    if len(plain) > MOST_CHARACTERS:
        raise DocumentTooLargeError(f"more than {MOST_CHARACTERS:,} characters")
    return plain


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
    controls = len(content) - len(content.translate(None, _CONTROLS))
    if b"\0" in content or controls > _MOST_CONTROLS * len(content) + _FEW_CONTROLS:
        raise NotADocumentError
    text = content.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    good = len(text) - bad - len(content.translate(None, _HIGH)) if bad else 0
    if bad <= _BAD_IN_GOOD * good:
        return text
    return content.decode(_encoding_of(content), "replace")


def _encoding_of(content: bytes) -> str:
    """What a text that is not Unicode is most likely written in.

    Western texts are the most frequent and the hardest to tell: where nothing speaks for another
    language, they are assumed.
    """
    from charset_normalizer import from_bytes  # slow to import, rarely needed

    first = next(place for place, byte in enumerate(content) if byte > 127)
    begin = content.rfind(b"\n", 0, first) + 1
    sample = content[max(begin, first - _SAMPLE_BYTES // 2) :][:_SAMPLE_BYTES]
    if len(content) > _SAMPLE_BYTES and b"\n" in sample:
        sample = sample[: sample.rfind(b"\n")]
    found = list(from_bytes(sample, cp_isolation=_ENCODINGS))
    for match in found:
        western = _WESTERN in {match.encoding, *match.could_be_from_charset}
        if western and match.coherence <= 0 and match.chaos <= found[0].chaos:
            return _WESTERN
    return found[0].encoding if found else _WESTERN


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
