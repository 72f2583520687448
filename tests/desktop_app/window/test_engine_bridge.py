"""Events arrive on the window's thread, gathered."""

from __future__ import annotations

import threading
from collections.abc import Callable

from pytestqt.qtbot import QtBot

from desktop_app.window.engine_bridge import GATHER_SECONDS, EngineBridge, merged
from engine.protocol import CandidateDelta, Progressed, TallyChanged
from engine.session import SessionEvent
from engine.tally import Tally


class Source:
    """Something that tells events on any thread."""

    def __init__(self) -> None:
        self.tell: Callable[[SessionEvent], None] = lambda _event: None

    def subscribe(self, listener: Callable[[SessionEvent], None]) -> Callable[[], None]:
        self.tell = listener

        def unsubscribe() -> None:
            self.tell = lambda _event: None

        return unsubscribe


def text(number: int, index: int = 0, name: str = "d") -> Progressed:
    return Progressed(name, float(number), (CandidateDelta(index, "", f"{number} ", number, 0.1),))


def test_events_come_in_order_on_this_thread_and_text_is_joined(qtbot: QtBot) -> None:
    source = Source()
    bridge = EngineBridge(source)
    got: list[SessionEvent] = []
    threads: set[int] = set()

    def receive(event: SessionEvent) -> None:
        got.append(event)
        threads.add(threading.get_ident())

    bridge.event_arrived.connect(receive)

    def speak() -> None:
        for number in range(1000):
            source.tell(text(number))
        source.tell(TallyChanged("d", Tally()))

    speaker = threading.Thread(target=speak)
    speaker.start()
    speaker.join()
    qtbot.waitUntil(lambda: any(isinstance(event, TallyChanged) for event in got))
    progress = [event for event in got if isinstance(event, Progressed)]
    spoken = "".join(delta.response for event in progress for delta in event.deltas)
    assert spoken == "".join(f"{number} " for number in range(1000))
    assert len(progress) < 20
    assert isinstance(got[-1], TallyChanged)
    assert threads == {threading.get_ident()}
    bridge.close()


def test_deliveries_are_apart_by_the_gathering_time(qtbot: QtBot) -> None:
    source = Source()
    bridge = EngineBridge(source)
    got: list[SessionEvent] = []
    bridge.event_arrived.connect(got.append)
    source.tell(TallyChanged("a", Tally()))
    qtbot.waitUntil(lambda: len(got) == 1)
    source.tell(TallyChanged("b", Tally()))
    source.tell(TallyChanged("c", Tally()))
    assert len(got) == 1
    qtbot.waitUntil(lambda: len(got) == 3, timeout=round(GATHER_SECONDS * 1000) + 2000)
    bridge.close()


def test_a_closed_bridge_is_silent(qtbot: QtBot) -> None:
    source = Source()
    bridge = EngineBridge(source)
    got: list[SessionEvent] = []
    bridge.event_arrived.connect(got.append)
    source.tell(TallyChanged("a", Tally()))
    bridge.close()
    qtbot.wait(60)
    assert got == []


def test_texts_of_several_candidates_and_deliberations_stay_apart() -> None:
    joined = merged([text(1), text(2, index=1), text(3), text(4, name="other"), text(5)])
    assert [(e.deliberation_id, len(e.deltas)) for e in joined if isinstance(e, Progressed)] == [
        ("d", 2),
        ("other", 1),
        ("d", 1),
    ]
    first = joined[0]
    assert isinstance(first, Progressed)
    assert [delta.response for delta in first.deltas] == ["1 3 ", "2 "]
    assert first.deltas[0].tokens == 3
