"""What is said in the message bar: expected errors, notices, what was done.

It exists so that codes become texts in one place. It must not know what raised them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from desktop_app.error_text import error_text
from desktop_app.window.message_bar import BarMessage, MessageBar, MessageKind
from desktop_app.words.translation import translated
from engine.generation import Notice

_log = logging.getLogger("desktop_app.window.announcements")


class Announcements:
    """Says things in a message bar.

    Args:
        bar: Where.
    """

    def __init__(self, bar: MessageBar) -> None:
        self._bar = bar
        self._problem: BarMessage | None = None
        self._silence: BarMessage | None = None

    def tell_error(self, code: str, detail: str = "") -> None:
        """Say an expected error."""
        _log.info("error told: %s", code)
        self._tell(MessageKind.ERROR, code, detail)

    def tell_problem(self, code: str, detail: str) -> None:
        """Say an expected error whose detail is for the person to read; the latest try counts."""
        _log.info("error told: %s", code)
        text = translated(error_text(code))
        said = f"{detail}. {text.next_step}"
        before, self._problem = self._problem, BarMessage(MessageKind.ERROR, text.title, said)
        self._bar.renew_message(self._problem, before)

    def tell_notice(self, notice: Notice) -> None:
        """Say what works differently than asked."""
        self._tell(MessageKind.NOTICE, notice.code, notice.detail)

    def tell_worker_died(self, code: str, stderr_tail: str) -> None:
        """Say why the engine process ended, its last lines one hover away."""
        _log.info("worker died: %s", stderr_tail.splitlines()[-1:] or "no output")
        self._tell(MessageKind.ERROR, code, stderr_tail)

    def tell_silence(self) -> None:
        """Say that the engine gives no sign of life, until `tell_life`."""
        text = translated(error_text("engine-silent"))
        said = f"{text.cause} {text.next_step}"
        self._silence = BarMessage(MessageKind.NOTICE, text.title, said)
        self._bar.show_message(self._silence)

    def tell_life(self) -> None:
        """Take back that there is no sign of life."""
        if self._silence is not None:
            self._bar.withdraw_message(self._silence)
            self._silence = None

    def tell_done(self, title: str, text: str = "") -> None:
        """Say what was done."""
        self._bar.show_message(BarMessage(MessageKind.DONE, title, text))

    def offer_undo(self, title: str, text: str, label: str, undo: Callable[[], None]) -> None:
        """Say what was done, with a way back."""
        self._bar.show_message(BarMessage(MessageKind.DONE, title, text, label, undo))

    def offer(self, title: str, text: str, label: str, act: Callable[[], None]) -> None:
        """Say what can be done now; it waits for the person."""
        self._bar.show_message(BarMessage(MessageKind.NOTICE, title, text, label, act))

    def offer_anyway(self, code: str, detail: str, label: str, act: Callable[[], None]) -> None:
        """Say an expected error that the person may overrule."""
        _log.info("error told: %s", code)
        text = translated(error_text(code))
        self._bar.show_message(
            BarMessage(MessageKind.ERROR, text.title, f"{detail}. {text.next_step}", label, act)
        )

    def _tell(self, kind: MessageKind, code: str, detail: str) -> None:
        text = translated(error_text(code))
        self._bar.show_message(
            BarMessage(kind, text.title, f"{text.cause} {text.next_step}", detail=detail)
        )
