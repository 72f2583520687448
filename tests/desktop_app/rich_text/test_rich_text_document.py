"""Markdown in a Qt document: what is drawn, and that growing text is drawn like finished text."""

from __future__ import annotations

import random

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QFont, QTextBlock, QTextDocument, QTextFormat

from desktop_app.look.theme import DARK, LIGHT
from desktop_app.rich_text.document import RichDocument
from desktop_app.rich_text.formats import CODE_GROUP, FORMULA_OBJECT, Formats
from desktop_app.rich_text.selection import plain_text

pytestmark = pytest.mark.usefixtures("qapp")

SAMPLE = """# Title

A paragraph with **bold**, *slanted*, ~~gone~~, `code`, $x^2$ and [a link](https://example.org).

1. one
2. two
   - inner
   - other

     more
3. three

   ```python
   x = 1
   ```

- bullet
- last

> quoted
> text
>
> more

$$
\\frac{a}{b}
$$

```python
def f(x):
    '''Doc.'''

    return x  # done
```

| a | b |
|:--|--:|
| 1 | 2 |
| $y$ | 4 |

---

| c |
|---|
| d |

end of it
"""


def _formats() -> Formats:
    font = QFont("DejaVu Sans")
    font.setPixelSize(14)
    return Formats(LIGHT, font)


def _rich(text: str = "", *, literal: bool = False) -> tuple[RichDocument, QTextDocument]:
    document = QTextDocument()
    document.setTextWidth(700)
    rich = RichDocument(document, _formats(), literal=literal)
    rich.set_text(text)
    rich.write_some()
    return rich, document


def _all(document: QTextDocument) -> str:
    return plain_text(document, 0, document.characterCount())


def _blocks(document: QTextDocument) -> list[QTextBlock]:
    blocks = []
    block = document.begin()
    while block.isValid():
        blocks.append(block)
        block = block.next()
    return blocks


def _shape(document: QTextDocument) -> list[tuple[object, ...]]:
    """All that a document shows."""
    shape: list[tuple[object, ...]] = []
    for block in _blocks(document):
        marks, text_list = block.blockFormat(), block.textList()
        pieces = []
        fragments = block.begin()
        while not fragments.atEnd():
            fragment = fragments.fragment()
            look = fragment.charFormat()
            pieces.append(
                (
                    fragment.text(),
                    look.fontWeight(),
                    look.foreground().color().name(),
                    look.anchorHref(),
                    look.objectType(),
                )
            )
            fragments += 1
        shape.append(
            (
                tuple(pieces),
                marks.leftMargin(),
                marks.topMargin(),
                marks.bottomMargin(),
                marks.headingLevel(),
                text_list.itemText(block) if text_list else None,
            )
        )
    return shape


@pytest.mark.parametrize("seed", range(12))
def test_text_that_grows_is_drawn_like_text_that_is_there_at_once(seed: int) -> None:
    dice = random.Random(seed)
    grown, document = _rich()
    position = 0
    while position < len(SAMPLE):
        position += dice.choice((1, 2, 3, 7, 25, 90))
        grown.set_text(SAMPLE[:position])
        assert grown.write_some()
    _, whole = _rich(SAMPLE)
    assert _shape(document) == _shape(whole)
    assert document.size() == whole.size()


def test_long_code_that_grows_is_one_code_block_at_the_end() -> None:
    code = "```python\n" + "".join(f"value_{n} = {n}  # note\n" for n in range(900)) + "```\n\nend"
    grown, document = _rich()
    for position in [*range(0, len(code), 1_500), len(code)]:
        grown.set_text(code[:position])
        grown.write_some()
    whole_rich, whole = _rich(code)
    assert _shape(document) == _shape(whole)
    assert len(grown.code_starts) == len(whole_rich.code_starts) == 1
    assert {b.blockFormat().intProperty(CODE_GROUP) for b in _blocks(document)} == {0, 1}


def test_only_changed_blocks_are_written_again() -> None:
    rich, document = _rich("first paragraph\n\nsecond paragraph\n\nthird paragraph\n\nfourth")
    changes: list[int] = []
    document.contentsChange.connect(lambda position, _removed, _added: changes.append(position))
    rich.set_text(rich.text + " grows")
    rich.write_some()
    assert min(changes) >= len("first paragraph\nsecond paragraph\n")


def test_marks_become_formats_not_text() -> None:
    _, document = _rich("# Big\n\n**bold** and *slanted* and ~~gone~~")
    heading, paragraph = _blocks(document)
    assert heading.blockFormat().headingLevel() == 1
    assert paragraph.text() == "bold and slanted and gone"
    first = paragraph.begin().fragment().charFormat()
    assert first.fontWeight() == QFont.Weight.DemiBold


def test_numbered_lists_count_on_across_nested_lists() -> None:
    _, document = _rich("7. a\n   - x\n8. b\n1. c")
    numbers = [block.textList().itemText(block) for block in _blocks(document) if block.textList()]
    assert [number for number in numbers if number] == ["7.", ".", "8.", "9."]


def test_a_step_a_line_stays_a_step_a_line() -> None:
    _, document = _rich("first\nsecond")
    assert document.blockCount() == 1
    assert document.begin().text() == "first\u2028second"


def test_html_is_text() -> None:
    hostile = '<script>alert(1)</script> <img src="file:///etc/passwd"> <b>x</b>'
    _, document = _rich(hostile)
    assert document.toPlainText() == hostile


def test_images_are_never_loaded_but_named() -> None:
    _, document = _rich("![a cat](https://example.org/cat.png) ![](file:///etc/passwd)")
    assert "a cat (https://example.org/cat.png)" in document.toPlainText()
    kinds = [block.begin().fragment().charFormat().objectType() for block in _blocks(document)]
    assert int(QTextFormat.ObjectTypes.ImageObject.value) not in kinds


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "/etc/passwd", "x"]
)
def test_only_web_and_mail_addresses_become_links(address: str) -> None:
    _, document = _rich(f"[a]({address}) and [b](https://example.org/)")
    links = set()
    for block in _blocks(document):
        fragments = block.begin()
        while not fragments.atEnd():
            links.add(fragments.fragment().charFormat().anchorHref())
            fragments += 1
    assert links == {"", "https://example.org/"}
    assert address in document.toPlainText()


def test_formulas_are_objects_and_broken_ones_their_source() -> None:
    _, document = _rich("good $\\frac{a}{b}$ bad $\\frac{$ unknown $\\nosuchthing{x}$")
    text = _all(document)
    assert text == "good $\\frac{a}{b}$ bad \\frac{ unknown \\nosuchthing{x}"
    assert document.toPlainText().count("\ufffc") == 1


def test_a_formula_reaches_below_the_base_line() -> None:
    _, document = _rich("$\\frac{a}{b}$")
    line = document.begin().layout().lineAt(0)
    fragment = document.begin().begin().fragment()
    assert fragment.charFormat().objectType() == FORMULA_OBJECT
    assert line.descent() >= 6
    assert line.ascent() >= 8


@pytest.mark.parametrize("text", ["$5 and $10", "a$b$c", "costs 5$", "$ x $", "\\$x\\$"])
def test_money_is_no_formula(text: str) -> None:
    _, document = _rich(text)
    assert document.toPlainText() == text.replace("\\$", "$")


def test_a_question_is_taken_as_it_stands_but_for_formulas() -> None:
    _, document = _rich("# 2*3*4\n1. $x$ _y_\n[z](https://a.b)", literal=True)
    assert _all(document) == "# 2*3*4\n1. $x$ _y_\n[z](https://a.b)"


def test_copied_text_keeps_list_marks_formulas_and_tables() -> None:
    _, document = _rich("Text $x$\n\n1. a\n   - b\n\n```\none\n\ntwo\n```\n\n|p|q|\n|-|-|\n|1|2|")
    assert _all(document) == "Text $x$\n\n1. a\n  - b\n\none\n\ntwo\n\np\tq\n1\t2"


def test_code_is_coloured_when_it_is_complete() -> None:
    rich, document = _rich("```python\nreturn 1")
    assert document.begin().begin().fragment().text() == "return 1"
    rich.set_text("```python\nreturn 1\n```")
    rich.write_some()
    assert document.begin().begin().fragment().text() == "return"


def test_other_colours_draw_everything_again() -> None:
    rich, document = _rich(SAMPLE)
    font = QFont("DejaVu Sans")
    font.setPixelSize(20)
    before = _all(document)
    rich.set_formats(Formats(DARK, font))
    assert rich.write_some()
    assert _all(document) == before
    colour = _blocks(document)[1].begin().fragment().charFormat().foreground().color().name()
    assert colour == DARK.text.lower()


def test_a_long_text_is_written_in_slices() -> None:
    document = QTextDocument()
    rich = RichDocument(document, _formats())
    rich.set_text(SAMPLE * 100)
    slices = 1
    while not rich.write_some(0.002):
        slices += 1
    assert slices > 3
    _, whole = _rich(SAMPLE * 100)
    assert _all(document) == _all(whole)


@pytest.mark.parametrize(
    "text",
    ["[" * 3_000, ">" * 2_000 + " x", "$" * 5_000, "`" * 5_000, "*a " * 3_000, "- " * 2_000,
     "|" * 3_000 + "\n" + "-|" * 1_500, "\n".join("  " * n + "- a" for n in range(200)),
     "$" + "{" * 900 + "$", "$" + "\\sqrt{" * 300 + "x" + "}" * 300 + "$", "\0\ufffc\u2028x\r\n"],
)  # fmt: skip
def test_hostile_text_is_drawn_without_an_error(text: str) -> None:
    rich, _ = _rich(text)
    assert rich.complete


def test_no_resource_is_asked_for() -> None:
    asked: list[QUrl] = []

    class Watched(QTextDocument):
        def loadResource(self, type: int, name: QUrl | str) -> object:  # noqa: A002, ARG002, N802
            asked.append(QUrl(name))
            return None

    document = Watched()
    rich = RichDocument(document, _formats())
    rich.set_text("![x](file:///etc/passwd) <img src='a.png'> [l](https://a.b)\n\n" + SAMPLE)
    rich.write_some()
    document.size()
    assert asked == []


def test_a_star_between_numbers_is_multiplication() -> None:
    _, document = _rich("24*36=864\n3*(4+5)*2=54, then *slanted*")
    (paragraph,) = _blocks(document)
    assert paragraph.text() == "24*36=864\u20283*(4+5)*2=54, then slanted"


def test_what_is_selected_is_copied_whatever_stands_before_it(qapp: object) -> None:  # noqa: ARG001
    document = QTextDocument()
    document.setPlainText("😀😀 The answer is 42 and 😀 more")
    for words in ("answer", "42", "😀 more", "The"):
        cursor = document.find(words)
        assert plain_text(document, cursor.selectionStart(), cursor.selectionEnd()) == words
