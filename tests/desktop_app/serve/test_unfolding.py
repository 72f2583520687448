"""Text that is passed on as it comes is, in the end, the finished response."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from desktop_app.serve.unfolding import Trimmed


@given(st.lists(st.text(alphabet=" \n\tab", max_size=6)))
def test_what_was_passed_on_and_the_rest_are_the_stripped_whole(pieces: list[str]) -> None:
    trimmed = Trimmed()
    passed = "".join(trimmed.feed(piece) for piece in pieces)
    whole = "".join(pieces).strip()
    assert passed + trimmed.rest(whole) == whole


def test_text_is_passed_on_before_its_end() -> None:
    trimmed = Trimmed()
    assert [trimmed.feed(piece) for piece in (" \n", " 4", " \n", "5 ", "6")] == [
        "", "4", "", " \n5", " 6",
    ]  # fmt: skip
    assert trimmed.rest("another text") == ""
