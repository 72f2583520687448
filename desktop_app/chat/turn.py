"""What one turn of a conversation shows, as plain values.

It exists so that whoever knows the engine and the journal (the chat controller) can say what to
show without knowing how it is drawn. It must not know Qt, the journal or the worker.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from engine.documents.attached import AttachedFile, without_files
from engine.feedback import Thumb
from engine.verdict import Outcome, StoppedWhy


class Role(StrEnum):
    """Who speaks."""

    USER = "user"
    ASSISTANT = "assistant"


class TurnState(StrEnum):
    """How far a turn is."""

    PLAIN = "plain"
    """Nothing to wait for: a question, or an answer without a deliberation."""
    WAITING = "waiting"
    """Handed to the engine, no text yet."""
    STREAMING = "streaming"
    FINISHED = "finished"
    FAILED = "failed"
    """The engine gave no verdict; `error_title` and `error_text` say why and what to do."""
    INTERRUPTED = "interrupted"
    """Ponder ended while it was being answered; the text is what was saved of the draft."""


@dataclass(frozen=True, slots=True)
class VoteShare:
    """One vote group.

    Attributes:
        label: The answer as the group's first member writes it.
        count: Its votes.
        weight: What they weigh together; the count where votes count alike.
        candidate: Index of the member that speaks for it, what promoting the group chooses; None
            when it cannot be promoted.
        colour: The group's number in the theme's series, the same as in the panel.
    """

    label: str
    count: int
    candidate: int | None = None
    colour: int = 0
    weight: float = 0.0


@dataclass(frozen=True, slots=True)
class Evidence:
    """How an answer came about, for the strip below it. Only what was measured.

    Attributes:
        candidates: Candidates that ran to an end of their own.
        votes: Votes among them; candidates without an answer are not votes.
        groups: Vote groups, most votes first.
        no_answer: Candidates that ended without an answer.
        settled: P(the leader stays the majority), 0 to 1, or None where nothing was voted on.
        seconds: From the question to the verdict, or None if it is not known.
        joules: Energy it took, or None when it could not be measured.
        energy_method: How the energy was measured, or why it was not; shown in the tooltip.
        shared: Whether other questions were thought about meanwhile: their energy is in it.
        elsewhere: Whether other machines worked too: the energy is then this computer's only.
        saved_attempts: Attempts of the budget that were not needed.
        stopped: Why the deliberation ended.
        outcome: What kind of result it is.
        weighed: Whether votes weigh something else than one each.
        under_way: Candidates that have not ended, while it is still being thought about.
        cut: Candidates whose response was cut at their limit of tokens.
        full: Candidates that ended where the context was full.
        notes: Further short remarks to show under the answer, translated already.
        strategy: How the budget was spent, or "".
        attempts: How many attempts the budget allowed, or 0 where that is not known.
        model: What the model is called, or "" where that is not known.
        thoughts_cut: Tokens of each hidden thought that was cut at a limit of tokens.
        one_of_several: Whether other versions of the answer stand beside it.
    """

    candidates: int
    votes: int
    groups: tuple[VoteShare, ...] = ()
    no_answer: int = 0
    settled: float | None = None
    seconds: float | None = None
    joules: float | None = None
    energy_method: str = ""
    shared: bool = False
    elsewhere: bool = False
    saved_attempts: int = 0
    stopped: StoppedWhy = StoppedWhy.BUDGET_SPENT
    outcome: Outcome = Outcome.MAJORITY
    weighed: bool = False
    under_way: int | None = None
    cut: int = 0
    full: int = 0
    notes: tuple[str, ...] = ()
    strategy: str = ""
    attempts: int = 0
    model: str = ""
    thoughts_cut: tuple[int, ...] = ()
    one_of_several: bool = False


@dataclass(frozen=True, slots=True)
class GoingOn:
    """Whether an answer that was cut can be gone on with.

    Attributes:
        able: Whether the loaded model can.
        tip: What happens then, or why it cannot.
    """

    able: bool
    tip: str


@dataclass(frozen=True, slots=True)
class TurnView:
    """One turn as it is shown.

    Attributes:
        message_id: Names the turn in every signal and call.
        role: Who speaks.
        text: What is said: plain text of a question, Markdown of an answer.
        thought: Hidden thought of the answer's candidate, empty if there was none.
        thought_tokens: Tokens of that thought.
        state: How far it is.
        evidence: How the answer came about, or None without a deliberation or before its end.
        so_far: How it stands while several candidates are being written, or None.
        version: Which of the alternatives at this place is shown, from 1.
        versions: How many there are.
        makers: What gave each version of an answer, in order: model, strategy and budget.
        error_title: What went wrong, in one line, when it failed.
        error_text: Cause and next step, when it failed.
        settings_help: Whether it failed of what the settings say, so that asking again would too.
        anew_help: Whether the question might be answered in a conversation of its own.
        rateable: Whether a person can say what they think of it.
        thumb: What they said, or None.
        sent: Whether the engine has the question; an answer that waits may not be that far.
        asked_for: Whether the engine was given the question, read or not.
        steps: Steps that a search has written while there is no answer to follow yet.
        going_on: Of an answer that was cut: whether it can be gone on with.
        wants_tokens: Whether the limit of tokens cut every candidate: more may bring an answer.
    """

    message_id: str
    role: Role
    text: str
    thought: str = ""
    thought_tokens: int = 0
    state: TurnState = TurnState.PLAIN
    evidence: Evidence | None = None
    so_far: Evidence | None = None
    version: int = 1
    versions: int = 1
    makers: tuple[str, ...] = ()
    error_title: str = ""
    error_text: str = ""
    settings_help: bool = False
    anew_help: bool = False
    rateable: bool = False
    thumb: Thumb | None = None
    sent: bool = True
    asked_for: bool = False
    steps: int = 0
    going_on: GoingOn | None = None
    wants_tokens: bool = False

    @property
    def parts(self) -> tuple[str, tuple[AttachedFile, ...]]:
        """What is said, and the files behind it; only a question has any."""
        return without_files(self.text) if self.role is Role.USER else (self.text, ())
