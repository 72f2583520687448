"""The child process of `engine.documents.reading`: a PDF or Word file from its input to text.

Its memory is bounded where the system can, and it ends itself should the parent be gone.
"""

from __future__ import annotations

import faulthandler
import io
import os
import sys
import zipfile
from collections.abc import Callable, Iterator
from typing import Final

import msgspec

from engine.child_memory import limit_memory
from engine.documents.reading import (
    MOST_CHARACTERS,
    DocumentError,
    DocumentLockedError,
    DocumentTooLargeError,
    Reply,
)

_MOST_SECONDS: Final = 60.0
"""Above the parent's patience."""
_MOST_UNPACKED_BYTES: Final = 300 * 2**20


def pdf_text(content: bytes) -> Iterator[str]:
    """Yield the text of each page.

    Raises:
        DocumentLockedError: It wants a password.
    """
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(content), strict=False)
    if reader.is_encrypted and not reader.decrypt(""):
        raise DocumentLockedError
    for page in reader.pages:
        yield page.extract_text()


def docx_text(content: bytes) -> Iterator[str]:
    """Yield each paragraph and each row of a table, its cells apart by tabs.

    Raises:
        DocumentTooLargeError: It unpacks to too much.
    """
    from docx import Document
    from docx.table import Table

    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        if sum(entry.file_size for entry in packed.infolist()) > _MOST_UNPACKED_BYTES:
            raise DocumentTooLargeError("unpacks to too much")
    for part in Document(io.BytesIO(content)).iter_inner_content():
        if isinstance(part, Table):
            for row in part.rows:
                yield "\t".join(" ".join(cell.text.split()) for cell in row.cells)
        else:
            yield part.text


_READERS: Final[dict[str, tuple[Callable[[bytes], Iterator[str]], str]]] = {
    "pdf": (pdf_text, "\n\n"),
    "docx": (docx_text, "\n"),
}
"""How each kind is read, and what stands between its parts."""


def read(kind: str, content: bytes) -> Reply:
    """Read a file of a kind of `_READERS`; whatever a parser stumbles over is told."""
    reader, between = _READERS[kind]
    parts, length = [], 0
    try:
        for part in reader(content):
            parts.append(part)
            length += len(part) + len(between)
            if length > MOST_CHARACTERS + len(between):
                break  # more than is taken
    except DocumentError as error:
        return Reply(code=error.code, detail=error.detail)
    except Exception as error:  # noqa: BLE001 - parsers of hostile files raise anything
        return Reply(code=DocumentError.code, detail=type(error).__name__)
    text = between.join(parts)
    return Reply(text.encode("utf-8", "replace").decode())


def main() -> None:
    """Answer with one JSON object."""
    out = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    limit_memory()
    faulthandler.dump_traceback_later(_MOST_SECONDS, exit=True)
    out.write(msgspec.json.encode(read(sys.argv[1], sys.stdin.buffer.read())))


if __name__ == "__main__":
    main()
