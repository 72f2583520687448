"""Finds a text in a conversation: which messages have it, and each place in them in turn.

Messages are told by what was written, places by what is shown: a message whose mark-up alone has
the text is gone to, and nothing in it is marked.
"""

from __future__ import annotations

from desktop_app.chat.transcript_scroller import TurnScroller
from desktop_app.chat.turn import TurnView


class Finder:
    """Goes from place to place.

    Args:
        scroller: The turns.
    """

    def __init__(self, scroller: TurnScroller) -> None:
        self._scroller = scroller
        self._text = ""
        self._message_id = ""
        self._place = 0

    @property
    def found(self) -> tuple[int, int]:
        """Which of the messages that have the text is shown, from 1 or 0, and how many have it."""
        ids = [turn.message_id for turn in self._matching()]
        return (ids.index(self._message_id) + 1 if self._message_id in ids else 0), len(ids)

    def seek(self, text: str) -> None:
        """Look for another text, from what is in sight on."""
        self._unmark()
        self._text = text
        turns = self._matching()
        if turns:
            first = self._scroller.first_in_sight
            places = {turn.message_id: n for n, turn in enumerate(self._scroller.turns)}
            after = [turn for turn in turns if places[turn.message_id] >= first]
            self._go_to((after or turns)[0].message_id, 0)

    def step(self, direction: int) -> None:
        """Go to the next place or, with -1, to the previous one; round at the end."""
        turns = self._matching()
        if not turns:
            self._unmark()
            return
        ids = [turn.message_id for turn in turns]
        if self._message_id in ids and 0 <= self._place + direction < self._marked():
            self._go_to(self._message_id, self._place + direction)
            return
        now = ids.index(self._message_id) if self._message_id in ids else -1
        self._unmark()
        self._go_to(ids[(now + direction) % len(ids)], 0 if direction > 0 else -1)

    def end(self) -> None:
        """Mark nothing any more."""
        self._unmark()
        self._text = ""

    def _matching(self) -> list[TurnView]:
        wanted = self._text.casefold()
        if not wanted:
            return []
        return [turn for turn in self._scroller.turns if wanted in turn.parts[0].casefold()]

    def _marked(self) -> int:
        widget = self._scroller.widget(self._message_id)
        return 0 if widget is None else widget.body.mark(self._text, None)

    def _go_to(self, message_id: str, place: int) -> None:
        """Show a place of a message; -1 is its last one."""
        self._message_id = message_id
        self._scroller.scroll_to(message_id)
        widget = self._scroller.widget(message_id)
        if widget is None:
            return
        places = widget.body.mark(self._text, None)
        self._place = places - 1 if place < 0 else min(place, max(0, places - 1))
        widget.body.mark(self._text, self._place)
        if places:
            self._scroller.scroll_to(message_id, widget.body.y() + widget.body.marked_top)

    def _unmark(self) -> None:
        widget = self._scroller.widget(self._message_id)
        if widget is not None:
            widget.body.mark("", None)
        self._message_id = ""
