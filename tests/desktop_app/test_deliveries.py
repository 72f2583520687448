"""What background work gives arrives on the window's thread."""

from __future__ import annotations

import threading
from concurrent.futures import Future

from pytestqt.qtbot import QtBot

from desktop_app.deliveries import Deliveries


def test_a_future_is_delivered_here_and_its_failure_too(qtbot: QtBot) -> None:
    errors: list[BaseException] = []
    deliveries = Deliveries(errors.append)
    got: list[tuple[int, int]] = []
    good: Future[int] = Future()
    bad: Future[int] = Future()
    deliveries.deliver(good, lambda value: got.append((value, threading.get_ident())))
    deliveries.deliver(bad)

    def settle() -> None:
        good.set_result(3)
        bad.set_exception(ValueError("no"))

    thread = threading.Thread(target=settle)
    thread.start()
    thread.join()
    assert got == []
    qtbot.waitUntil(lambda: bool(got and errors))
    assert got == [(3, threading.get_ident())]
    assert str(errors[0]) == "no"


def test_a_named_receiver_gets_the_failure(qtbot: QtBot) -> None:
    elsewhere: list[BaseException] = []
    here: list[BaseException] = []
    deliveries = Deliveries(elsewhere.append)
    bad: Future[int] = Future()
    bad.set_exception(ValueError("no"))
    deliveries.deliver(bad, None, here.append)
    qtbot.waitUntil(lambda: bool(here))
    assert elsewhere == []
