"""The local backend: one llama.cpp model, all candidates of a step decoded in one batch.

A step is: end what was cancelled, start what has a slot, fill one batch with a row for each
running candidate and a chunk of the prompt that is being read, decode it, draw tokens.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from collections.abc import Sequence as Many
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.backends.base import (
    MORE_THOUGHT,
    BackendEvent,
    Ended,
    Generated,
    GenerationRequest,
    LoadProgress,
    PromptRead,
    Request,
    Scored,
    ScoreRequest,
)
from engine.backends.llama.batch import Batch
from engine.backends.llama.cache import TRUNK
from engine.backends.llama.capacity import MOST_ROWS, default_threads
from engine.backends.llama.confidence import LogProbability, chance_of
from engine.backends.llama.drawing import Drawer
from engine.backends.llama.guard import Guard, Guards, Written
from engine.backends.llama.length import fewest_tokens, tokens_at_least
from engine.backends.llama.loading import Loaded, load
from engine.backends.llama.pace import Pace
from engine.backends.llama.runner import StepResult
from engine.backends.llama.sampling import Sampler
from engine.backends.llama.scheduler import Scheduler
from engine.backends.llama.sequence import Probe, Prompt, Sequence
from engine.backends.text_stream import TextStream
from engine.candidate import StopReason
from engine.errors import (
    BadRequestError,
    DecodeError,
    EngineError,
    PromptTooLongError,
    SchemaError,
)
from engine.generation import LoadOptions, Message, ModelReport, Notice
from engine.own_thinking import OwnThinking
from engine.thoughts import THOUGHT_ENDS

_KNOWN_PROMPTS: Final = 64


@dataclass(frozen=True, slots=True)
class _Kept:
    """What a finished request leaves to those that go on from it.

    Attributes:
        prompt: Its tokens.
        rest: What stood behind its stop text in the same token.
        written: What its guard saw, if it had one.
    """

    prompt: Prompt
    rest: str
    written: list[Written]


class LlamaBackend:
    """A loaded model. Build it with `load`. Implements `engine.backends.base.Backend`.

    Attributes:
        notices: What works differently than asked.
    """

    def __init__(self, loaded: Loaded) -> None:
        self._loaded = loaded
        self._vocabulary = loaded.model.vocabulary
        self._runner = loaded.runner
        self._cache = loaded.cache
        self._scheduler = Scheduler(loaded.cache, loaded.capacity, loaded.slots)
        self._batch = Batch(MOST_ROWS)
        self._log_probability = LogProbability(self._vocabulary.size)
        self._drawer = Drawer(loaded.runner, self._vocabulary.size, default_threads())
        self._prompts: dict[tuple[tuple[Message, ...], str, OwnThinking], Prompt] = {}
        self._kept: dict[int, _Kept] = {}
        self._guards = Guards(self._vocabulary)
        self._thought_ends = frozenset(
            token for text in THOUGHT_ENDS if (token := self._single_token(text)) is not None
        )
        self._cancelled: set[int] = set()
        self._pace = Pace(MOST_ROWS)
        self._closed = False
        self.notices: tuple[Notice, ...] = loaded.notices

    @classmethod
    def load(
        cls, path: Path, options: LoadOptions, progress: LoadProgress | None = None
    ) -> LlamaBackend:
        """Load a model file.

        Raises:
            ModelFileError: It is no model that can answer.
            ModelMemoryError: It does not fit.
            LoadCancelledError: `progress` returned False.
        """
        return cls(load(path, options, progress))

    @property
    def report(self) -> ModelReport:
        """See `Backend`."""
        return self._loaded.report

    @property
    def busy(self) -> bool:
        """See `Backend`."""
        return bool(self._scheduler.waiting or self._scheduler.live)

    def submit(self, requests: Many[Request]) -> None:
        """See `Backend`."""
        prompts = [self._prompt(request) for request in requests]
        guards = [self._guard(request) for request in requests]
        told: set[int] = set()
        for request, (prompt, begun), guard in zip(requests, prompts, guards, strict=True):
            if isinstance(request, ScoreRequest):
                sequence = self._score_sequence(request, prompt)
            else:
                stops = (*self._loaded.template.stop_texts, *request.stop_texts)
                forked = request.fork_of is not None
                sequence = Sequence(
                    request,
                    prompt,
                    Sampler(request.sampling, self._vocabulary.size, guard, prompt.written),
                    TextStream(stops, begun),
                    first_of_submission=not forked and id(prompt) not in told,
                    direct=forked,
                )
            told.add(id(prompt))
            self._scheduler.queue(sequence)

    def forget(self, request_ids: Collection[int]) -> None:
        """See `Backend`."""
        for request_id in request_ids:
            self._kept.pop(request_id, None)
            self._scheduler.forget(request_id)

    def append(self, request_id: int, text: str) -> bool:
        """See `Backend`."""
        for sequence in self._scheduler.find(lambda s: s.request.request_id == request_id):
            sequence.stream.interrupt()
            sequence.tokens += self._vocabulary.tokenize(text, special=True)
            if sequence.guard is not None:
                sequence.guard.note(None, text.encode())
        return True

    def cancel(self, request_ids: Collection[int]) -> None:
        """See `Backend`."""
        self._cancelled.update(request_ids)

    def interrupt(self) -> None:
        """See `Backend`."""
        self._runner.interrupt()

    def close(self) -> None:
        """See `Backend`."""
        if not self._closed:
            self._closed = True
            for sequence in self._scheduler.find(lambda _: True):
                _close_sampler(sequence)
            self._drawer.close()
            self._loaded.close()

    def step(self) -> Many[BackendEvent]:
        """See `Backend`."""
        events: list[BackendEvent] = []
        self._end_cancelled(events)
        if self._runner.take_interrupt():
            return events
        self._start_waiting(events)
        self._scheduler.close_gaps()
        rows, chunk = self._fill_batch()
        if not self._batch.size:
            return events
        started = time.monotonic()
        code = self._runner.decode(self._batch)
        if code == StepResult.DONE:
            self._advance(rows, events)
            read = (chunk or 0) + sum(count for _, count, _ in rows if count > 1)
            self._pace.learn(read, time.monotonic() - started)
            if chunk is not None:
                self._chunk_read(chunk, events)
            return events
        self._forget_step(rows, chunk)
        if code == StepResult.INTERRUPTED:
            self._runner.take_interrupt()
        elif code == StepResult.NO_CELLS:
            full = self._scheduler.make_room()
            if full is not None:
                self._end(full, StopReason.CONTEXT_FULL, events)
        else:
            self._fail()
            raise DecodeError(f"llama_decode returned {code}")
        return events

    # --- before a step --------------------------------------------------------------------------

    def _single_token(self, text: str) -> int | None:
        tokens = self._vocabulary.tokenize(text, special=True)
        return tokens[0] if len(tokens) == 1 else None

    def _score_sequence(self, request: ScoreRequest, prompt: Prompt) -> Sequence:
        """A request that evaluates its prompt and reads one row of logits."""
        yes, no = (
            tuple({self._vocabulary.tokenize(text, special=True)[0] for text in texts if text})
            for texts in (request.yes, request.no)
        )
        return Sequence(
            request,
            prompt,
            None,
            TextStream(),
            first_of_submission=False,
            probe=Probe(yes, no),
            direct=True,
        )

    def _prompt(self, request: Request) -> tuple[Prompt, str]:
        """The tokens a request begins with, and text of it that is not yet in its stream."""
        if isinstance(request, GenerationRequest) and request.fork_of is not None:
            if request.fork_of not in self._kept:
                raise BadRequestError(f"request {request.fork_of} was not kept")
            kept = self._kept[request.fork_of]
            return kept.prompt, kept.rest
        key = (request.messages, request.continuation, request.own_thinking)
        if key not in self._prompts:
            prompt = self._prompt_of(*key)
            while len(self._prompts) >= _KNOWN_PROMPTS:
                self._prompts.pop(next(iter(self._prompts)))
            self._prompts[key] = prompt
        return self._prompts[key], ""

    def _guard(self, request: Request) -> Guard | None:
        if isinstance(request, ScoreRequest) or request.json_reply is None:
            return None
        opening = self.report.thought_opening_when(request.own_thinking)
        guard = self._guards.of(request.json_reply, opening)
        if request.fork_of is not None:
            guard.follow(self._kept[request.fork_of].written)
        elif request.continuation:
            guard.go_on_from(request.continuation)
        return guard

    def _prompt_of(
        self, messages: tuple[Message, ...], continuation: str, own_thinking: OwnThinking
    ) -> Prompt:
        """Read a conversation, as far as it may fit.

        Raises:
            PromptTooLongError: It does not fit the context.
            TemplateError: The model's template cannot write it.
        """
        holds, vocabulary = self.report.context_tokens, self._vocabulary
        least = fewest_tokens(messages, vocabulary, holds - 1)
        if least >= holds:
            raise PromptTooLongError(least, holds, counted=False)
        rendered = self._loaded.template.render(messages, continuation, own_thinking)
        least = tokens_at_least(rendered.pieces, vocabulary, holds - 1)
        if least >= holds:
            raise PromptTooLongError(least, holds, counted=False)
        tokens = vocabulary.tokenize_prompt(rendered)
        if len(tokens) >= holds:
            raise PromptTooLongError(len(tokens), holds)
        begun = rendered.pieces[len(rendered.pieces) - rendered.begun :]
        return Prompt(tokens, len(vocabulary.tokenize_pieces(begun)))

    def _end_cancelled(self, events: list[BackendEvent]) -> None:
        if self._cancelled:
            for sequence in self._scheduler.find(lambda s: s.request.request_id in self._cancelled):
                self._end(sequence, StopReason.CANCELLED, events)
            self._cancelled.clear()

    def _start_waiting(self, events: list[BackendEvent]) -> None:
        """Start what can; a fresh fork draws its first token from the prompt's last logits."""
        while (sequence := self._next_to_start()) is not None:
            ending = self._cache.ending
            if sequence.pending or ending is None:
                continue
            if sequence.first_of_submission:
                self._tell_known_prompt(sequence, events)
            if sequence.sampler is None:
                self._tell_score(sequence, ending, events)
                continue
            token = sequence.sampler.sample_from(ending)
            logprob = 0.0 if token is None else self._log_probability.of(token, ending)
            self._take(sequence, token, logprob, events)

    def _next_to_start(self) -> Sequence | None:
        return self._scheduler.next_to_start(self._most_to_read())

    def _most_to_read(self) -> int:
        """Most prompt tokens of one step."""
        return self._pace.tokens(watched=self._scheduler.watched)

    def _tell_known_prompt(self, sequence: Sequence, events: list[BackendEvent]) -> None:
        """Say that a submission's prompt is read, wholly or partly long ago."""
        sequence.first_of_submission = False
        size = len(sequence.prompt.tokens)
        events.append(PromptRead(sequence.request.request_id, size, size, sequence.kept))

    def _fill_batch(self) -> tuple[list[tuple[Sequence, int, int | None]], int | None]:
        """Fill the batch.

        Returns:
            Each running sequence with the tokens it evaluates and its row of logits, if it is
            to draw; and how many tokens of a prompt are read, or None.
        """
        batch, live = self._batch, self._scheduler.live
        batch.clear()
        rows: list[tuple[Sequence, int, int | None]] = []
        if all(len(s.tokens) - s.position == 1 for s in live):
            batch.add_rows(
                [s.tokens[-1] for s in live],
                [s.position for s in live],
                [s.slot for s in live],  # type: ignore[misc]  # a running sequence has a slot
            )
            rows = [(s, 1, row) for row, s in enumerate(live)]
        else:
            for index, sequence in enumerate(live):
                count = min(sequence.pending, batch.free - (len(live) - index - 1))
                last = count == sequence.pending
                start = sequence.position
                assert sequence.slot is not None
                row = batch.add_run(
                    sequence.tokens[start : start + count], start, sequence.slot, wanted=last
                )
                rows.append((sequence, count, row if last else None))
        return rows, self._add_chunk()

    def _add_chunk(self) -> int | None:
        prompt = self._scheduler.prompt_to_read()
        if prompt is None or not self._batch.free:
            return None
        start = len(self._cache.trunk)
        size = min(self._most_to_read(), self._batch.free, len(prompt.tokens) - start)
        last = start + size == len(prompt.tokens)
        self._batch.add_run(prompt.tokens[start : start + size], start, TRUNK, wanted=last)
        return size

    # --- after a step ---------------------------------------------------------------------------

    def _advance(
        self, rows: list[tuple[Sequence, int, int | None]], events: list[BackendEvent]
    ) -> None:
        for sequence, count, row in rows:
            sequence.position += count
            if sequence.first_of_submission and row is not None:
                self._tell_known_prompt(sequence, events)
        wanted = [(sequence, row) for sequence, _, row in rows if row is not None]
        drawing = [(s, s.sampler, row) for s, row in wanted if s.sampler is not None]
        drawn = self._drawer.draw([(sampler, row) for _, sampler, row in drawing])
        scored = [(s, self._runner.logits(row)) for s, row in wanted if s.sampler is None]
        for (sequence, _, _), (token, logprob) in zip(drawing, drawn, strict=True):
            self._take(sequence, token, logprob, events)
        for sequence, logits in scored:
            self._tell_score(sequence, logits, events)

    def _chunk_read(self, size: int, events: list[BackendEvent]) -> None:
        prompt = self._scheduler.reading
        assert prompt is not None
        trunk, total = self._cache.trunk, len(prompt.tokens)
        trunk += prompt.tokens[len(trunk) : len(trunk) + size]
        head = self._scheduler.waiting[0]
        head.first_of_submission = False
        request_id = head.request.request_id
        events.append(PromptRead(request_id, len(trunk), total, self._scheduler.kept))
        if len(trunk) == total:
            self._cache.finish_reading(self._runner.logits(self._batch.size - 1))
            self._scheduler.finish_reading()
            self._start_waiting(events)

    def _take(
        self, sequence: Sequence, token: int | None, logprob: float, events: list[BackendEvent]
    ) -> None:
        """Add a drawn token to its sequence, and end it where it ends."""
        guard = sequence.guard
        if token is None:
            assert guard is not None  # without one, some token may always come next
            self._end_bound(sequence, guard, events)
            return
        piece = self._vocabulary.piece(token)
        request = sequence.request
        assert isinstance(request, GenerationRequest)  # a score draws no tokens
        if token in self._thought_ends and sequence.forced < request.more_thought:
            sequence.forced += 1
            sequence.tokens += self._vocabulary.tokenize(MORE_THOUGHT, special=False)
            events.append(Generated(request.request_id, MORE_THOUGHT, 0))
            if guard is not None:
                guard.note(None, MORE_THOUGHT.encode())
            return
        if piece is None:
            self._end(sequence, StopReason.FINISHED, events)
            return
        sequence.logprob_sum += logprob
        sequence.generated += 1
        sequence.tokens.append(token)
        events.append(Generated(request.request_id, sequence.stream.feed(piece), 1))
        goes_on = guard is None or guard.note(token, piece)
        if sequence.stream.stopped:
            self._end(sequence, StopReason.FINISHED, events)
        elif guard is not None and (not goes_on or guard.whole):
            self._end_bound(sequence, guard, events)
        elif request.max_tokens is not None and sequence.generated >= request.max_tokens:
            self._end(sequence, StopReason.TOKEN_BUDGET, events)
        elif len(sequence.tokens) >= self.report.context_tokens:
            self._end(sequence, StopReason.CONTEXT_FULL, events)

    def _end_bound(self, sequence: Sequence, guard: Guard, events: list[BackendEvent]) -> None:
        """End a reply that is whole, or that no token can go on with."""
        if guard.whole:
            self._end(sequence, StopReason.FINISHED, events)
            return
        error = guard.trouble or SchemaError("the model has no token to go on with")
        self._end(sequence, StopReason.FAILED, events, error)

    def _tell_score(
        self, sequence: Sequence, logits: NDArray[np.float32], events: list[BackendEvent]
    ) -> None:
        """Answer a score request from the logits behind its prompt."""
        assert sequence.probe is not None
        self._scheduler.end(sequence)
        chance = chance_of(logits, sequence.probe.yes, sequence.probe.no)
        events.append(Scored(sequence.request.request_id, chance))

    def _end(
        self,
        sequence: Sequence,
        stop: StopReason,
        events: list[BackendEvent],
        error: EngineError | None = None,
    ) -> None:
        if sequence.keep and stop is StopReason.FINISHED:
            asked = len(sequence.prompt.tokens) - sequence.prompt.begun
            self._kept[sequence.request.request_id] = _Kept(
                Prompt(list(sequence.tokens), len(sequence.tokens) - asked),
                sequence.stream.rest,
                sequence.guard.written if sequence.guard is not None else [],
            )
        self._scheduler.end(sequence)
        _close_sampler(sequence)
        request_id = sequence.request.request_id
        if sequence.probe is not None:
            events.append(Scored(request_id, None))
            return
        rest = sequence.stream.close()
        if rest:
            events.append(Generated(request_id, rest, 0))
        events.append(
            Ended(
                request_id,
                stop,
                sequence.generated,
                sequence.mean_logprob,
                sequence.stream.stop_text,
                error=error,
            )
        )

    def _forget_step(self, rows: list[tuple[Sequence, int, int | None]], chunk: int | None) -> None:
        """Undo what a step that did not finish left in the cache."""
        for sequence, _, _ in rows:
            if sequence.slot is not None:
                self._cache.rewind(sequence.slot, sequence.position)
        if chunk is not None:
            self._cache.rewind(TRUNK, len(self._cache.trunk))

    def _fail(self) -> None:
        for sequence in self._scheduler.clear():
            _close_sampler(sequence)


def _close_sampler(sequence: Sequence) -> None:
    if sequence.sampler is not None:
        sequence.sampler.close()
