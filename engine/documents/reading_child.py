"""The child process of `engine.documents.reading`: a PDF or Word file from its input to text.

Its memory is bounded where the system can, and it ends itself should the parent be gone.
"""

from __future__ import annotations

import faulthandler
import io
import os
import sys
import zipfile
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

import msgspec

from engine.child_memory import limit_memory
from engine.documents.reading import (
    MOST_CHARACTERS,
    DocumentError,
    DocumentLockedError,
    DocumentTooLargeError,
    Reply,
    cleaned,
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

    Read from the XML: python-docx leaves out what was inserted while changes were tracked, and
    what stands in form fields. What was deleted so is left out; headers and footers are, too.

    Raises:
        DocumentTooLargeError: It unpacks to too much.
    """
    from docx import Document

    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        if sum(entry.file_size for entry in packed.infolist()) > _MOST_UNPACKED_BYTES:
            raise DocumentTooLargeError("unpacks to too much")
    yield from _docx_lines(Document(io.BytesIO(content)).element.body)


def _docx_lines(element: Iterable[Any]) -> Iterator[str]:
    for child in element:
        kind = _kind(child)
        if kind == "p":
            yield _docx_words(child)
        elif kind == "tr":
            cells = [" ".join(" ".join(_docx_lines(cell)).split()) for cell in _cells(child)]
            yield "\t".join(cells)
        elif kind not in _LEFT_OUT:
            yield from _docx_lines(child)


def _cells(row: Iterable[Any]) -> Iterator[Iterable[Any]]:
    for child in row:
        if _kind(child) == "tc":
            yield child
        elif _kind(child) not in _LEFT_OUT:
            yield from _cells(child)


def _docx_words(paragraph: Iterable[Any]) -> str:
    parts = []
    for child in paragraph:
        kind = _kind(child)
        if kind == "t":
            parts.append(child.text or "")
        elif kind in _SPACES:
            parts.append(_SPACES[kind])
        elif kind == "f":  # a fraction of an equation: what is above, what is below
            over = {_kind(part): _docx_words(part) for part in child}
            parts.append(f"({over.get('num', '')})/({over.get('den', '')})")
        elif kind not in _LEFT_OUT:
            parts.append(_docx_words(child))
    return "".join(parts)


def _kind(element: Any) -> str:
    """An element's name without its namespace; comments have none."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else "del"


_LEFT_OUT: Final = {"del", "moveFrom", "Fallback", "instrText", "pPr", "rPr", "tblPr", "sectPr"}
_SPACES: Final = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
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
            parts.append(cleaned(part))
            length += len(parts[-1])
            if length > MOST_CHARACTERS:
                break
        text = cleaned(between.join(parts))
    except DocumentError as error:
        return Reply(code=error.code, detail=error.detail)
    except Exception as error:  # noqa: BLE001 - parsers of hostile files raise anything
        return Reply(code=DocumentError.code, detail=type(error).__name__)
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
