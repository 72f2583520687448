"""The rows of the time line: one for each candidate, under its machine where several worked.

Pure: it knows nothing of pixels or colours.
"""

from __future__ import annotations

from dataclasses import dataclass

from desktop_app.thinking.live import DeliberationView


@dataclass(frozen=True, slots=True)
class Lane:
    """One row.

    Attributes:
        index: Its candidate, or None for a machine's heading.
        machine: The machine, for a heading.
        count: How many candidates ran there, for a heading.
    """

    index: int | None
    machine: str = ""
    count: int = 0


def lanes(view: DeliberationView) -> tuple[Lane, ...]:
    """Return the rows from top to bottom.

    While it thinks, candidates stand in their order, so that no row moves. Once it is over, those
    of several machines stand under the machine's name; those of one stay as they are.
    """
    indexes = sorted(view.candidates)
    by_machine: dict[str, list[int]] = {}
    for index in indexes:
        done = view.candidates[index].finished
        by_machine.setdefault(done.machine if done is not None else "", []).append(index)
    if view.running or len(by_machine.keys() - {""}) < 2:
        return tuple(Lane(index) for index in indexes)
    rows: list[Lane] = []
    for machine in sorted(by_machine, key=lambda name: (not name, name)):
        rows.append(Lane(None, machine, len(by_machine[machine])))
        rows += [Lane(index) for index in by_machine[machine]]
    return tuple(rows)
