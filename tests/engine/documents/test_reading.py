"""Reading what people attach: real PDF and Word files, old encodings, and what is neither."""

from __future__ import annotations

import os
import sys
import zipfile
from pathlib import Path

import pytest
from docx import Document
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from engine.documents import reading
from engine.documents.reading import (
    DocumentError,
    DocumentLockedError,
    DocumentTooLargeError,
    DocumentWithoutTextError,
    NotADocumentError,
    read_document,
)


def pdf(path: Path, *pages: str, password: str = "") -> Path:
    """A PDF with a line of text on each page."""
    writer = PdfWriter()
    for text in pages:
        page = writer.add_blank_page(300, 300)
        font = DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Font"),
                NameObject("/Subtype"): NameObject("/Type1"),
                NameObject("/BaseFont"): NameObject("/Helvetica"),
            }
        )
        fonts = DictionaryObject({NameObject("/F1"): font})
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
        stream = DecodedStreamObject()
        stream.set_data(f"BT /F1 12 Tf 20 200 Td ({text}) Tj ET".encode() if text else b"")
        page[NameObject("/Contents")] = stream
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    writer.write(path)
    return path


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"one\r\ntwo\rthree\n", "one\ntwo\nthree"),
        ("Grüße".encode(), "Grüße"),
        ("\ufeffGrüße".encode(), "Grüße"),
        ("Grüße".encode("utf-16"), "Grüße"),
        (b"\x0c\x1b[31mred\x07\tblue", "[31mred\tblue"),
    ],
)
def test_plain_text_is_read_in_its_encoding(tmp_path: Path, content: bytes, text: str) -> None:
    path = tmp_path / "notes.anything"
    path.write_bytes(content)
    found = read_document(path)
    assert (found.name, found.text) == ("notes.anything", text)


def test_text_of_an_old_windows_program_is_read(tmp_path: Path) -> None:
    said = "Die Straße führt über die Brücke. Schöne Grüße aus Köln und München. " * 20
    path = tmp_path / "alt.txt"
    path.write_bytes(said.encode("cp1252"))
    assert read_document(path).text == said


def test_a_pdf_is_read_page_by_page(tmp_path: Path) -> None:
    found = read_document(pdf(tmp_path / "two.pdf", "First page", "Second page"))
    assert found.text == "First page\n\nSecond page"


def test_a_pdf_is_told_by_what_it_is(tmp_path: Path) -> None:
    path = pdf(tmp_path / "two.pdf", "Hello").rename(tmp_path / "download")
    assert read_document(path).text == "Hello"


def test_a_word_file_is_read_with_its_tables(tmp_path: Path) -> None:
    made = Document()
    made.add_paragraph("Prices")
    table = made.add_table(2, 2)
    for place, text in enumerate(("fruit", "price", "apple", "3")):
        table.cell(place // 2, place % 2).text = text
    made.add_paragraph("End")
    made.save(str(tmp_path / "a.docx"))
    assert read_document(tmp_path / "a.docx").text == "Prices\nfruit\tprice\napple\t3\nEnd"


def test_what_cannot_be_read_says_why(tmp_path: Path) -> None:
    def written(name: str, content: bytes) -> Path:
        (tmp_path / name).write_bytes(content)
        return tmp_path / name

    unpacked = tmp_path / "bomb.docx"
    with zipfile.ZipFile(unpacked, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("word/document.xml", b"\0" * (301 * 2**20))
    wrong: list[tuple[Path, type[DocumentError]]] = [
        (tmp_path / "missing.txt", DocumentError),
        (tmp_path, NotADocumentError),
        (written("a.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), NotADocumentError),
        (written("empty.txt", b" \n\n"), DocumentWithoutTextError),
        (written("damaged.pdf", b"%PDF-1.7\n" + os.urandom(2000)), DocumentError),
        (written("damaged.docx", b"PK\x03\x04" + os.urandom(2000)), DocumentError),
        (pdf(tmp_path / "scan.pdf", "", ""), DocumentWithoutTextError),
        (pdf(tmp_path / "locked.pdf", "secret", password="open"), DocumentLockedError),
        (written("long.txt", b"a" * 1_000_001), DocumentTooLargeError),
        (unpacked, DocumentTooLargeError),
    ]
    for path, expected in wrong:
        with pytest.raises(DocumentError) as caught:
            read_document(path)
        assert type(caught.value) is expected, path


def test_a_file_larger_than_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MOST_BYTES", 10)
    path = tmp_path / "a.txt"
    path.write_text("more than ten bytes")
    with pytest.raises(DocumentTooLargeError):
        read_document(path)


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("import time; time.sleep(60)", "not read within"),
        ("import os; os.kill(os.getpid(), 9)", "ended unexpectedly"),
        ("print('nonsense')", "ended unexpectedly"),
    ],
)
def test_a_parser_that_hangs_or_dies_takes_nothing_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str, said: str
) -> None:
    command = (sys.executable, "-c", program)
    monkeypatch.setattr(reading, "child_command", lambda *_words: command)
    with pytest.raises(DocumentError) as caught:
        read_document(pdf(tmp_path / "a.pdf", "Hello"), seconds=0.5)
    assert said in caught.value.detail


@pytest.mark.skipif(sys.platform == "win32", reason="names are UTF-16 there")
def test_a_name_that_is_not_utf8_can_be_shown(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/odd\xff.txt"))
    path.write_text("Hello")
    found = read_document(path)
    found.name.encode()
    assert found.text == "Hello"
