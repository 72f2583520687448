"""Think first: ask a model that does not think by itself for a hidden thought before its reply.

Off by default for a reason: on models that were not trained for it every thought prompt lowered the
results (AlpacaEval 24.9 to between 16.4 and 19.5 for Llama-3-8B, arXiv 2410.10630, table 1). It is
offered for comparison. Responses whose thought cannot be told from the reply do not vote where
others have thought.

Source: arXiv 2410.10630, figure 2 (the generic thought prompt; the wording here is ours, the
markers are the paper's).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from engine.candidate import Candidate
from engine.strategies.base import Asking
from engine.strategies.vote import Vote


def thought_prompt(question: str) -> str:
    """Return the question with the request to think first."""
    return (
        f"{question}\n\nThink before you reply. Begin with the line "
        '"Here is my thought process:" and write down your thoughts, a draft of the reply and '
        'what is still wrong with it. Then write the line "Here is my response:" and below it the '
        "reply itself. Only the reply will be read."
    )


class ThinkFirst(Vote):
    """Votes over samples that thought first."""

    name: ClassVar[str] = "think-first"
    asking: ClassVar[Asking] = Asking.THINK_FIRST

    def voters(self, finished: Sequence[Candidate]) -> Sequence[Candidate]:
        """Those that have thought, or all where no thought has led to a reply."""
        thinkers = [candidate for candidate in finished if candidate.thought]
        replied = any(thinker.counts and thinker.response.strip() for thinker in thinkers)
        return thinkers if replied else finished
