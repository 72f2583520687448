"""What the terminal says of an error: one line that commands nothing."""

from __future__ import annotations

import pytest

from desktop_app.cli.complaint import complain, fail


def test_a_complaint_is_one_line_that_commands_no_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    complain("tensor \x1b]52;c;ZWNobw==\x07 of\na\tfile \u202e")
    assert capsys.readouterr().err == "ponder: tensor \ufffd]52;c;ZWNobw==\ufffd of a file \ufffd\n"


def test_an_expected_error_is_said_with_its_detail(capsys: pytest.CaptureFixture[str]) -> None:
    assert fail(3, "gguf", "tensor \x9b2J is cut off") == 3
    told = capsys.readouterr()
    assert told.out == ""
    assert "(tensor \ufffd2J is cut off)" in told.err
    assert told.err.count("\n") == 1
