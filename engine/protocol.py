"""The message table between client and worker: JSON Lines of tagged structs over two pipes.

Commands are imperatives from the client, events past facts from the worker. Both unions are
closed; an unknown tag is an error. `version` in `WorkerReady` must match. Text in flight and tally
changes are gathered by the worker into at most 30 `Progressed` a second.
"""

from __future__ import annotations

from typing import Final

import msgspec

from engine.budget import Budget
from engine.candidate import Beginning, Candidate
from engine.generation import JsonReply, LoadOptions, Message, ModelReport, Notice, Sampling
from engine.options import StrategyChoice, StrategyOptions
from engine.step import Step
from engine.tally import Tally
from engine.verdict import Verdict

PROTOCOL_VERSION: Final = 5
PROGRESS_SECONDS: Final = 1 / 30
"""Shortest time between two `Progressed` events."""
STILL_WORKING_SECONDS: Final = 2.0
"""After so long without another event a worker that works says so."""
UNREADABLE: Final = "unknown"
"""What `CommandRefused` calls a command that could not be read."""


# --- commands -----------------------------------------------------------------------------------


class LoadModel(msgspec.Struct, frozen=True, tag=True):
    """Load a model file, replacing the present one."""

    path: str
    options: LoadOptions = LoadOptions()


class CancelLoad(msgspec.Struct, frozen=True, tag=True):
    """Stop a load in progress."""


class UnloadModel(msgspec.Struct, frozen=True, tag=True):
    """Free the model."""


class Deliberate(msgspec.Struct, frozen=True, tag=True):
    """Think about a conversation whose last message is the question.

    Attributes:
        deliberation_id: Chosen by the client; names it in every event.
        messages: The conversation, system message included.
        strategy: A name from `engine.strategies.STRATEGIES`.
        budget: What it may spend.
        sampling: How candidates are drawn.
        stop_early: Whether a settled vote ends it.
        greedy_single: Whether a budget of one attempt takes the likeliest tokens instead of
            drawing them; a single candidate has no vote to be diverse for.
        earlier: Finished candidates of the same deliberation, to think longer without redoing.
        options: What the strategy is told beside the budget.
        steps_before: How many steps a search has written in earlier turns.
        quiet: Whether nothing is told of text in flight, and the tally only at the end; steps may
            then be long.
        compares: Whether the model may be asked which of several open responses say the same.
        stop_texts: Texts that end a candidate and are not part of it, hidden thought included.
        beginning: What every attempt that is shown no other one goes on from.
        json_reply: What each candidate's reply must be, or None where it is free.
    """

    deliberation_id: str
    messages: tuple[Message, ...]
    strategy: str
    budget: Budget
    sampling: Sampling = Sampling()
    stop_early: bool = True
    greedy_single: bool = True
    earlier: tuple[Candidate, ...] = ()
    options: StrategyOptions = StrategyOptions()
    steps_before: int = 0
    quiet: bool = False
    compares: bool = True
    stop_texts: tuple[str, ...] = ()
    beginning: Beginning | None = None
    json_reply: JsonReply | None = None


class ExtendBudget(msgspec.Struct, frozen=True, tag=True):
    """Replace a running deliberation's budget, larger or smaller."""

    deliberation_id: str
    budget: Budget


class AnswerNow(msgspec.Struct, frozen=True, tag=True):
    """Reach a verdict from what exists."""

    deliberation_id: str


class Cancel(msgspec.Struct, frozen=True, tag=True):
    """End a deliberation; finished candidates stay."""

    deliberation_id: str


class MeasureMemory(msgspec.Struct, frozen=True, tag=True):
    """Say how much memory the machine and its GPUs have to spare now."""


class Shutdown(msgspec.Struct, frozen=True, tag=True):
    """End the worker."""


Command = (
    LoadModel
    | CancelLoad
    | UnloadModel
    | Deliberate
    | ExtendBudget
    | AnswerNow
    | Cancel
    | MeasureMemory
    | Shutdown
)


# --- events -------------------------------------------------------------------------------------


class DeviceMemory(msgspec.Struct, frozen=True):
    """Memory of one device that can hold layers.

    Attributes:
        name: Its product name.
        free_bytes: What is free.
        total_bytes: What it has.
    """

    name: str
    free_bytes: int
    total_bytes: int


class MemoryMeasured(msgspec.Struct, frozen=True, tag=True):
    """What the machine has to spare, the loaded model's share not counted as free.

    Attributes:
        free_bytes: Main memory that can be used without pushing other programs out; 0 unknown.
        total_bytes: Main memory installed; 0 unknown.
        devices: Each device beside the processor.
        avx512: Whether the code for this processor uses AVX-512.
    """

    free_bytes: int
    total_bytes: int
    devices: tuple[DeviceMemory, ...] = ()
    avx512: bool = False


class WorkerReady(msgspec.Struct, frozen=True, tag=True):
    """The worker speaks.

    Attributes:
        version: `PROTOCOL_VERSION` of the worker.
        process_id: Its process id.
        llama_build: Version of llama-cpp-python and what llama.cpp says of its build.
        devices: llama.cpp's names of the devices it could use.
        gpu_build: Whether this build can offload.
    """

    version: int
    process_id: int
    llama_build: str
    devices: tuple[str, ...]
    gpu_build: bool


class ModelLoading(msgspec.Struct, frozen=True, tag=True):
    """Load progress, 0 to 1."""

    path: str
    fraction: float


class ModelLoaded(msgspec.Struct, frozen=True, tag=True):
    """The model is ready."""

    report: ModelReport
    notices: tuple[Notice, ...] = ()


class ModelUnloaded(msgspec.Struct, frozen=True, tag=True):
    """No model is loaded now."""


class LoadFailed(msgspec.Struct, frozen=True, tag=True):
    """The model was not loaded. `code` is an `EngineError` code."""

    path: str
    code: str
    detail: str


class DeliberationStarted(msgspec.Struct, frozen=True, tag=True):
    """The worker took it up.

    Attributes:
        deliberation_id: Which one.
        seed: Seed of candidate 0; candidate i uses seed + i.
    """

    deliberation_id: str
    seed: int


class CandidateStarted(msgspec.Struct, frozen=True, tag=True):
    """An attempt was handed to the backend (times as in `Candidate`).

    Told again of one whose machine was lost: what it had written is void.
    """

    deliberation_id: str
    index: int
    round: int
    seed: int
    queued_seconds: float
    earlier: tuple[int, ...] = ()


class CandidateDelta(msgspec.Struct, frozen=True):
    """New text of one candidate since the last `Progressed`.

    Attributes:
        index: Which candidate.
        thought: Appended to its hidden thought.
        response: Appended to its visible response.
        tokens: Its generated tokens so far, in all.
        first_token_seconds: When its first token was there.
    """

    index: int
    thought: str
    response: str
    tokens: int
    first_token_seconds: float | None


class Progressed(msgspec.Struct, frozen=True, tag=True):
    """What happened since the last one, gathered.

    Attributes:
        deliberation_id: Which one.
        elapsed_seconds: Since its start.
        deltas: New text, one entry for each candidate that has some.
        prompt_tokens_done: Prompt tokens read so far while reading, else None.
        prompt_tokens_total: Prompt tokens in all while reading, else None.
    """

    deliberation_id: str
    elapsed_seconds: float
    deltas: tuple[CandidateDelta, ...] = ()
    prompt_tokens_done: int | None = None
    prompt_tokens_total: int | None = None


class CandidateFinished(msgspec.Struct, frozen=True, tag=True):
    """An attempt ended; its final form. Sent at once, never gathered."""

    deliberation_id: str
    candidate: Candidate


class StepFinished(msgspec.Struct, frozen=True, tag=True):
    """A step of a search ended and has its score, if it gets one."""

    deliberation_id: str
    step: Step


class StrategyChosen(msgspec.Struct, frozen=True, tag=True):
    """`auto` has decided how the rest of the budget is spent."""

    deliberation_id: str
    choice: StrategyChoice


class TallyChanged(msgspec.Struct, frozen=True, tag=True):
    """The votes after a finished candidate."""

    deliberation_id: str
    tally: Tally


class BudgetChanged(msgspec.Struct, frozen=True, tag=True):
    """A running deliberation's budget was replaced."""

    deliberation_id: str
    budget: Budget


class Noticed(msgspec.Struct, frozen=True, tag=True):
    """Something works differently than asked, and why."""

    notice: Notice
    deliberation_id: str | None = None


class VerdictReached(msgspec.Struct, frozen=True, tag=True):
    """The deliberation is over.

    Attributes:
        deliberation_id: Which one.
        verdict: Its result.
        total_seconds: From its start to this.
        prompt_tokens: Tokens of the rendered question.
        prompt_tokens_kept: Of these, how many the cache still held.
        failure: Why attempts failed, the code of an `EngineError`, or "" where none did.
        prompt_read: Tokens that had to be read before the first attempt could begin, or None.
    """

    deliberation_id: str
    verdict: Verdict
    total_seconds: float
    prompt_tokens: int | None = None
    prompt_tokens_kept: int | None = None
    failure: str = ""
    prompt_read: int | None = None


class DeliberationFailed(msgspec.Struct, frozen=True, tag=True):
    """It could not go on. Finished candidates were sent before and stay.

    `code` is an `EngineError` code.
    """

    deliberation_id: str
    code: str
    detail: str


class StillWorking(msgspec.Struct, frozen=True, tag=True):
    """Steps are taken, although nothing else was to be told of late."""


class CommandRefused(msgspec.Struct, frozen=True, tag=True):
    """A command made no sense now. `code` is an `EngineError` code."""

    command: str
    code: str
    detail: str


class WorkerDied(msgspec.Struct, frozen=True, tag=True):
    """Made by the client: the process ended unasked. A new one starts at the next command.

    Attributes:
        exit_status: Return code; negative is the signal that ended it.
        stderr_tail: The last lines it wrote.
        given_up: Whether it died so often that its model is not loaded again by itself.
        hung: Whether it was killed because it gave no sign of life.
    """

    exit_status: int
    stderr_tail: str
    given_up: bool = False
    hung: bool = False


class WorkerSilent(msgspec.Struct, frozen=True, tag=True):
    """Made by the client: no sign of life while some are waited for. Any other event is one."""


Event = (
    WorkerReady
    | MemoryMeasured
    | ModelLoading
    | ModelLoaded
    | ModelUnloaded
    | LoadFailed
    | DeliberationStarted
    | CandidateStarted
    | Progressed
    | CandidateFinished
    | StepFinished
    | StrategyChosen
    | TallyChanged
    | BudgetChanged
    | Noticed
    | VerdictReached
    | DeliberationFailed
    | StillWorking
    | CommandRefused
    | WorkerDied
    | WorkerSilent
)

_encoder = msgspec.json.Encoder()
_command_decoder: msgspec.json.Decoder[Command] = msgspec.json.Decoder(Command)
_event_decoder: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)


def encode_line(message: Command | Event) -> bytes:
    """Return one JSON line, newline included."""
    return _encoder.encode(message) + b"\n"


def decode_command(line: bytes) -> Command:
    """Read one command.

    Raises:
        msgspec.DecodeError: Not JSON, or not a known command.
    """
    return _command_decoder.decode(line)


def decode_event(line: bytes) -> Event:
    """Read one event.

    Raises:
        msgspec.DecodeError: Not JSON, or not a known event.
    """
    return _event_decoder.decode(line)
