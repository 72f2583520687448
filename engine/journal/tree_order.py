"""The order of a tree whose nodes name their parents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from heapq import heappop, heappush
from typing import TypeVar

T = TypeVar("T")


def from_roots(
    nodes: Iterable[T], name_of: Callable[[T], str], parent_of: Callable[[T], str | None]
) -> list[T]:
    """Return the nodes in their order, but none before its parent.

    Those that no root leads to are left out: they follow each other in a circle, or nobody.

    Args:
        nodes: In any order.
        name_of: A node's name, which no other one has.
        parent_of: Its parent's name; None for a root.
    """
    below: dict[str | None, list[tuple[int, T]]] = defaultdict(list)
    for place, node in enumerate(nodes):
        below[parent_of(node)].append((place, node))
    ordered: list[T] = []
    waiting = below[None]
    while waiting:
        _, node = heappop(waiting)
        ordered.append(node)
        for child in below[name_of(node)]:
            heappush(waiting, child)
    return ordered
