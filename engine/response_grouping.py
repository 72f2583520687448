"""The second stage of a deliberation on an open question, where no answer could be extracted.

For few responses the model itself judges which of them say the same, each pair in both orders;
otherwise, or when it cannot judge, the response most like all others stands for them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from engine.answers.agreement import judge_messages, medoid, parse_judgement
from engine.backends.base import Ended, Generated, Restarted
from engine.candidate import Candidate
from engine.errors import EngineError
from engine.generation import Message
from engine.tally import GroupingMethod, Tally, VoteGroup, settled_probability

MAX_JUDGED = 8
"""Above this the number of comparisons outgrows the thinking itself (USC uses N <= 8)."""
_REPLY_TOKENS = 8


@dataclass(slots=True)
class _Reply:
    """One comparison under way: does `candidate` say what `leader` says?"""

    leader: int
    text: str = ""


class ResponseGrouping:
    """Groups open responses, one candidate after another, against the groups' first members.

    Args:
        question: What was asked.
        candidates: Finished candidates with a response, at least two.
        submit: Starts one judge generation and returns its request id.
        cancel: Cancels requests.
        may_ask: Whether the model may be asked at all; without, the medoid is taken.
    """

    def __init__(
        self,
        question: str,
        candidates: Sequence[Candidate],
        submit: Callable[[tuple[Message, ...], int], int],
        cancel: Callable[[Collection[int]], None],
        *,
        may_ask: bool,
    ) -> None:
        self._question = question
        self._candidates = list(candidates)
        self._submit = submit
        self._cancel = cancel
        self._groups: list[list[Candidate]] = []
        self._replies: dict[int, _Reply] = {}
        self._agreements: dict[int, list[bool | None]] = {}
        self._position = 0
        self._medoid = not may_ask or len(candidates) > MAX_JUDGED
        self.done = self._medoid
        if not self._medoid:
            self._place_next()

    def owns(self, request_id: int) -> bool:
        """Whether a backend event belongs here."""
        return request_id in self._replies

    def handle(self, event: Generated | Restarted | Ended) -> None:
        """Take one event of a judge generation."""
        reply = self._replies[event.request_id]
        if isinstance(event, Generated):
            reply.text += event.text
            return
        if isinstance(event, Restarted):
            reply.text = ""
            return
        del self._replies[event.request_id]
        self._agreements[reply.leader].append(parse_judgement(reply.text))
        if not self._replies:
            self._place_judged()

    def abandon(self) -> None:
        """Stop asking; take the medoid."""
        self._cancel(tuple(self._replies))
        self._replies.clear()
        self._medoid = self.done = True

    def tally(self) -> Tally:
        """The groups as votes, or the medoid alone: also when no group leads."""
        sizes = sorted((len(members) for members in self._groups), reverse=True)
        if self._medoid or (len(sizes) > 1 and sizes[0] == sizes[1]):
            chosen = self._candidates[medoid([c.response for c in self._candidates])]
            group = VoteGroup(str(chosen.index), "", (chosen.index,), 1.0)
            return Tally((group,), method=GroupingMethod.MEDOID)
        groups = [
            VoteGroup(
                key=f"response-{members[0].index}",
                label=_first_words(members[0].response),
                candidates=tuple(member.index for member in members),
                weight=float(len(members)),
            )
            for members in sorted(self._groups, key=len, reverse=True)
        ]
        second = groups[1].count if len(groups) > 1 else 0
        settled = settled_probability(groups[0].count, second)
        return Tally(tuple(groups), (), settled, GroupingMethod.MODEL_JUDGED)

    def _place_next(self) -> None:
        """Put candidates into groups until one has to be asked about, or all are placed."""
        while self._position < len(self._candidates):
            candidate = self._candidates[self._position]
            same = next(
                (g for g in self._groups if _plain(g[0].response) == _plain(candidate.response)),
                None,
            )
            if same is not None:
                same.append(candidate)
            elif not self._groups:
                self._groups.append([candidate])
            else:
                self._ask(candidate)
                return
            self._position += 1
        self.done = True

    def _ask(self, candidate: Candidate) -> None:
        self._agreements = {}
        try:
            for number, group in enumerate(self._groups):
                self._agreements[number] = []
                pair = (group[0].response, candidate.response)
                for first, second in (pair, pair[::-1]):
                    messages = judge_messages(self._question, first, second)
                    self._replies[self._submit(messages, _REPLY_TOKENS)] = _Reply(number)
        except EngineError:
            self.abandon()  # too long to judge within the context

    def _place_judged(self) -> None:
        """Both orders must agree; a reply that is neither yes nor no means it cannot judge."""
        if any(None in replies for replies in self._agreements.values()):
            self._medoid = self.done = True
            return
        candidate = self._candidates[self._position]
        for number, replies in self._agreements.items():
            if all(replies):
                self._groups[number].append(candidate)
                break
        else:
            self._groups.append([candidate])
        self._position += 1
        self._place_next()


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _first_words(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= 40 else words[:39] + "…"
