"""An answer that begins anew on another server is shown from its first word."""

from __future__ import annotations

from engine.protocol import CandidateDelta, CandidateStarted, Progressed
from tests.desktop_app.window_driver import Driver


def test_what_a_lost_server_wrote_is_not_left_in_front(driver: Driver) -> None:
    driver.load([{"text": "first server", "hold": True}])
    driver.slide(1)
    driver.write("How many?")
    transcript = driver.window.transcript
    driver.wait(lambda: [turn.text for turn in transcript.turns()][1:] == ["first server"])
    view = driver.window.panel.view
    assert view is not None
    name = view.deliberation_id
    driver.chat.on_event(CandidateStarted(name, 0, 0, 1, 0.0))
    driver.chat.on_event(Progressed(name, 1.0, (CandidateDelta(0, "", "second", 1, 0.5),)))
    driver.wait(lambda: transcript.turns()[1].text == "second")
    driver.chat.stop()
    driver.wait(lambda: not driver.chat.busy)
