"""Reading what people attach: real PDF and Word files, old encodings, and what is neither."""

from __future__ import annotations

import os
import sys
import zipfile
from pathlib import Path

import pytest
from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from engine.documents import reading, reading_child
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


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("cp1252", "Die Prüfung beträgt 5 €"),
        ("cp1252", "Müller,Köln\nMeier,Düsseldorf"),
        ("cp1252", "El niño comió piña"),
        ("cp1252", "Il a été à l\u2019école où l\u2019été"),
        ("cp1252", "plain words\n" * 9000 + "and then Grüße"),
        ("cp1251", "Привет, как дела? Сегодня хорошая погода."),
        ("cp932", "これは日本語のテキストです。\n" * 5000),
        ("gb18030", "这是一个中文文本。价格是三百元。\n" * 4000),
        ("cp949", "이것은 한국어 텍스트입니다."),
    ],
)
def test_text_of_an_old_program_is_read(tmp_path: Path, encoding: str, said: str) -> None:
    path = tmp_path / "old.txt"
    path.write_bytes(said.encode(encoding))
    assert read_document(path).text == said.strip()


def test_a_damaged_letter_does_not_make_a_text_another_encodings(tmp_path: Path) -> None:
    path = tmp_path / "cut.log"
    path.write_bytes(("Grüße aus Köln. " * 50).encode() + b"\xc3 end")
    assert read_document(path).text.endswith("\ufffd end")
    assert "Grüße aus Köln" in read_document(path).text


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


_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def test_what_tracked_changes_fields_and_joined_cells_say_is_read_once(tmp_path: Path) -> None:
    made = Document()
    made.add_paragraph("Price: ")
    table = made.add_table(1, 3)
    table.cell(0, 0).merge(table.cell(0, 2)).text = "joined"
    inner = table.cell(0, 0).add_table(1, 1)
    inner.cell(0, 0).text = "nested"
    body = made.element.body
    run = "<w:r><w:t>{}</w:t></w:r>"
    tracked = f"<w:ins {_W}>{run.format('500 EUR')}</w:ins>"
    deleted = f"<w:del {_W}><w:r><w:delText>400</w:delText></w:r>{run.format('400')}</w:del>"
    field = f"<w:sdt {_W}><w:sdtContent><w:p>{run.format('field')}</w:p></w:sdtContent></w:sdt>"
    for text in (tracked, deleted):
        body[0].append(parse_xml(text))
    body.insert(1, parse_xml(field))
    made.save(str(tmp_path / "a.docx"))
    found = read_document(tmp_path / "a.docx").text
    assert found.split("\n") == ["Price: 500 EUR", "field", "joined nested"]


def test_a_pdf_of_odd_letters_is_read_to_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reading_child, "MOST_CHARACTERS", 100)
    odd = "\x01" * 90
    monkeypatch.setattr(reading_child, "_READERS", {"pdf": (lambda _: [odd, odd, "end"], "\n")})
    assert reading_child.read("pdf", b"").text.split() == ["end"]


def test_one_endless_part_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    endless = {"pdf": (lambda _: ["a" * 1_000_001], "\n")}
    monkeypatch.setattr(reading_child, "_READERS", endless)
    reply = reading_child.read("pdf", b"")
    assert (reply.code, reply.text) == ("document-too-large", "")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no such thing there")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(NotADocumentError):
        read_document(tmp_path / "pipe")


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
        (
            written("locked.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500)),
            DocumentLockedError,
        ),
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


def test_numbers_of_a_word_file_stay_the_numbers_they_are(tmp_path: Path) -> None:
    made = Document()
    ranged = made.add_paragraph("Range: 10")
    ranged.add_run()._r.append(parse_xml(f"<w:noBreakHyphen {nsdecls('w')}/>"))
    ranged.add_run("20 EUR")
    formulas = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
    half = "<m:num><m:r><m:t>1</m:t></m:r></m:num><m:den><m:r><m:t>2</m:t></m:r></m:den>"
    share = made.add_paragraph("Share: ")
    share._p.append(parse_xml(f"<m:oMath {formulas}><m:f>{half}</m:f></m:oMath>"))
    made.save(str(tmp_path / "a.docx"))
    assert read_document(tmp_path / "a.docx").text == "Range: 10-20 EUR\nShare: (1)/(2)"


def test_a_page_break_parts_words(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"one\x0ctwo\x0bthree")
    assert read_document(tmp_path / "a.txt").text == "one\ntwo\nthree"
