"""Sends requests to servers and turns their streams into events, on one event loop.

Each request ends exactly once. A server that fails it is avoided and it begins anew elsewhere;
where no server is left it fails.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

import msgspec

from engine.backends.base import (
    Appended,
    BackendEvent,
    Ended,
    Generated,
    GenerationRequest,
    PromptRead,
    Restarted,
    Scored,
    ScoreRequest,
)
from engine.backends.remote.connection import RefusedError
from engine.backends.remote.job import Job, Kept, chance_between
from engine.backends.remote.pool import choose
from engine.backends.remote.probe import Abilities
from engine.backends.remote.server import Server
from engine.backends.remote.wire import Answer, Usage
from engine.candidate import StopReason
from engine.errors import EngineError, RemoteAnswerError, RemoteError, RemoteRefusedError
from engine.generation import Notice

_USAGE_SECONDS: Final = 5.0
"""How long a stream may take, after its last text, to say what it took."""
_MOST_TOKENS: Final = 2**31
"""More than this of one candidate is no count that a server can mean."""


@dataclass(eq=False, slots=True)
class Call:
    """One request that was sent, for one candidate or several."""

    server: Server
    jobs: list[Job]
    task: asyncio.Task[None] | None = None
    holding: set[Job] = field(default_factory=set)
    """Those that take up a slot."""
    less: Abilities | None = None
    """What is tried after a refusal, until the server has shown that it was the reason."""
    sent: Abilities | None = None
    """What was asked for last; another call may have learned better meanwhile."""

    @property
    def abilities(self) -> Abilities:
        """What is asked for."""
        assert self.server.found is not None
        return self.less or self.server.found.abilities


class Dispatcher:
    """Owns the queue and the calls. Every method runs on the loop.

    Args:
        servers: Where requests can go.
        tell: Receives events, before its end what a request leaves that is kept, and mistakes of
            ours as exceptions.
    """

    def __init__(
        self, servers: list[Server], tell: Callable[[BackendEvent | Kept | BaseException], None]
    ) -> None:
        self._servers, self._tell = servers, tell
        self._jobs: dict[int, Job] = {}
        self._waiting: deque[Job] = deque()
        self._calls: set[Call] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        """Of the calls, and of those that are stopping."""
        self._timer: asyncio.TimerHandle | None = None
        self._warned = self._closed = False
        self._guessing: set[str] = set()
        self._deaf: set[str] = set()
        """Servers that refused a wish of the model's own thinking."""
        self._loose: set[str] = set()
        """Servers of which was told that they keep no reply to JSON."""

    def queue(self, jobs: list[Job]) -> None:
        """Take requests; forks and scores go before what waits."""
        if not self._calls:
            for server in self._servers:  # a new question is worth a new try
                if server.usable:
                    server.load.rests_until = -math.inf
        for job in jobs:
            self._jobs[job.id] = job
            prolongs = isinstance(job.request, GenerationRequest) and job.request.more_thought
            if prolongs and not self._warned:
                self._warned = True
                self._tell(Notice("thought-not-prolonged"))
        ahead = [job for job in jobs if job.given or isinstance(job.request, ScoreRequest)]
        self._waiting.extend(job for job in jobs if job not in ahead)
        self._waiting.extendleft(reversed(ahead))
        self._dispatch()

    def _dispatch(self) -> None:
        """Send what can be sent; fail what no server is left for."""
        while self._send_one():
            pass
        now = _now()
        if not self._calls and all(server.load.rests(now) for server in self._servers):
            for job in list(self._waiting):  # nobody is there, and nothing would change that soon
                self._fail(job)
        resting = [s.load.rests_until for s in self._servers if now < s.load.rests_until < math.inf]
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._waiting and resting:
            self._timer = asyncio.get_running_loop().call_at(min(resting), self._dispatch)

    def _send_one(self) -> bool:
        loads, now = [server.load for server in self._servers], _now()
        for job in self._waiting:
            index = choose(loads, now, len(self._waiting), job.avoided)
            if index is not None:
                self._call(self._servers[index], job)
                return True
            left = [
                server
                for server in self._servers
                if server.index not in job.avoided and server.usable
            ]
            if not left:
                self._fail(job)
                return True
        return False

    def _fail(self, job: Job) -> None:
        """No server is left for it."""
        self._waiting.remove(job)
        troubles = [s.trouble for s in self._servers if s.trouble is not None]
        self._end(job, StopReason.FAILED, error=troubles[0] if troubles else None)

    def _call(self, server: Server, first: Job) -> None:
        jobs = [first]
        found = server.found
        if found is not None and found.abilities.honours_n:
            alike = [job for job in self._waiting if job is not first and first.goes_with(job)]
            alike = [job for job in alike if server.index not in job.avoided]
            jobs += alike[: server.load.free - 1]
        for job in jobs:
            self._waiting.remove(job)
            job.began = _now()
        call = Call(server, jobs, holding=set(jobs))
        server.load.running += len(jobs)
        self._calls.add(call)
        call.task = asyncio.get_running_loop().create_task(self._run(call))
        self._tasks.add(call.task)
        call.task.add_done_callback(lambda task: self._after(call, task))

    def _after(self, call: Call, task: asyncio.Task[None]) -> None:
        self._calls.discard(call)
        self._tasks.discard(task)
        for job in list(call.holding):
            self._release(call, job)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._tell(error)  # a mistake of ours: it must be seen
        if not self._closed:
            self._dispatch()

    def _release(self, call: Call, job: Job) -> None:
        if job in call.holding:
            call.holding.discard(job)
            call.server.load.running -= 1

    # --- one call ---------------------------------------------------------------------------------

    async def _run(self, call: Call) -> None:
        server = call.server
        try:
            if server.found is None:
                await server.examine()
            while True:
                try:
                    await self._send(call)
                    break
                except RefusedError as refused:
                    self._do_with_less(call, refused)
            server.strikes = 0
            if call.less is not None:
                server.learn(call.less)
        except RemoteError as error:
            self._on_trouble(call, error)

    async def _send(self, call: Call) -> None:
        found, first = call.server.found, call.jobs[0]
        assert found is not None
        call.sent = call.abilities
        self._tell_of_loose(call)
        body = first.body(found.model, call.sent, len(call.jobs))
        if isinstance(first.request, ScoreRequest):
            answer = await call.server.connection.ask(body)
            self._take_score(call, first, answer)
            return
        with suppress(TimeoutError):  # it says no more of a candidate that is written
            async with (
                asyncio.timeout(None) as limit,
                call.server.connection.stream(body) as answers,
            ):
                async for answer in answers:
                    self._take(call, answer)
                    if all(job.over for job in call.jobs):
                        return
                    if limit.when() is None and all(job.over or job.stop for job in call.jobs):
                        limit.reschedule(_now() + _USAGE_SECONDS)
        self._close_stream(call)

    def _tell_of_loose(self, call: Call) -> None:
        """Say once of a server that it is known not to keep replies to JSON."""
        label = call.server.label
        request = call.jobs[0].request
        wanted = isinstance(request, GenerationRequest) and request.json_reply is not None
        if wanted and not call.abilities.json_replies and label not in self._loose:
            self._loose.add(label)
            self._tell(Notice("json-not-kept", label))

    def _take(self, call: Call, answer: Answer) -> None:
        single = len(call.jobs) == 1
        if answer.broke_off:
            raise RemoteAnswerError(f"{call.server.label}: it broke off")
        for choice in answer.choices:
            if not 0 <= choice.index < len(call.jobs):
                continue  # more than was asked for
            job = call.jobs[0] if single else call.jobs[choice.index]
            if job.over or job.stop is not None:
                continue
            text, tokens = job.take(choice)
            if text or tokens:
                self._tell(Generated(job.id, text, tokens))
            if job.stop is None:
                continue
            by_us = job.stream.stopped or not choice.finish_reason
            if by_us or not single:
                self._finish(call, job)
        if answer.usage is not None:
            self._take_usage(call, answer.usage)

    def _take_usage(self, call: Call, usage: Usage) -> None:
        first = call.jobs[0]
        if usage.prompt_tokens is not None and usage.prompt_tokens >= 0 and not first.over:
            details = usage.prompt_tokens_details
            total = min(usage.prompt_tokens, _MOST_TOKENS)
            kept = min(max(0, details.cached_tokens or 0), total) if details else 0
            self._tell(PromptRead(first.id, total, total, kept))
        written = usage.completion_tokens
        if len(call.jobs) == 1 and first.stop is not None and written is not None and written >= 0:
            first.count(min(written, _MOST_TOKENS))
            self._finish(call, first)

    def _close_stream(self, call: Call) -> None:
        """The stream is over: what it did not finish was broken off, or never begun."""
        for job in call.jobs:
            if not job.over and job.stop is not None:
                self._finish(call, job)
        missing = [job for job in call.jobs if not job.over]
        if not missing:
            return
        found = call.server.found
        if len(call.jobs) > 1 and found is not None and any(not job.begun for job in missing):
            # fewer than it was asked for: it does not honour n after all
            less = msgspec.structs.replace(found.abilities, honours_n=False)
            call.server.learn(less)
            call.less = None
            for job in [job for job in missing if not job.begun]:
                self._release(call, job)
                self._waiting.appendleft(job)
                call.jobs.remove(job)
            missing = [job for job in missing if job.begun]
        if missing:
            raise RemoteAnswerError(f"{call.server.label}: it broke off")

    def _take_score(self, call: Call, job: Job, answer: Answer) -> None:
        chance = chance_between(job, answer.choices[0] if answer.choices else None)
        self._release(call, job)
        if not job.over:
            job.over = True
            self._jobs.pop(job.id, None)
            self._tell(Scored(job.id, chance))

    def _finish(self, call: Call, job: Job) -> None:
        """A candidate is written."""
        self._release(call, job)
        call.server.load.note_finished(_now() - job.began)
        if job.guessed and call.server.label not in self._guessing:
            self._guessing.add(call.server.label)
            self._tell(Notice("tokens-estimated", call.server.label))
        stop = job.stop or StopReason.FINISHED
        error: EngineError | None = None
        if stop is StopReason.FAILED:
            error = RemoteRefusedError(f"{call.server.label}: it filters this content")
        self._end(job, stop, call.server.label, error)

    # --- what goes wrong --------------------------------------------------------------------------

    def _do_with_less(self, call: Call, refused: RefusedError) -> None:
        """Ask without what was refused, or raise."""
        less = call.sent.without(refused.words) if call.sent is not None else None
        if call.sent is None or less is None or any(job.begun for job in call.jobs):
            raise refused
        wish, label = call.jobs[0].request.own_thinking, call.server.label
        if call.sent.takes(wish) and not less.takes(wish) and label not in self._deaf:
            self._deaf.add(label)
            self._tell(Notice("own-thinking", f"{label}: {wish}"))
        if call.sent.goes_on and not less.goes_on and call.jobs[0].begun_elsewhere:
            self._tell(Notice("asked-to-go-on", label))
        call.less = less

    def _on_trouble(self, call: Call, error: RemoteError) -> None:
        """Let the server rest, and start again elsewhere what it did not finish."""
        server = call.server
        lost = server.note_trouble(error, _now()) and server.found is not None
        unfinished = [job for job in call.jobs if not job.over]
        elsewhere = False
        for job in reversed(unfinished):
            self._release(call, job)
            job.avoided.add(server.index)
            left = any(other.index not in job.avoided and other.usable for other in self._servers)
            if not left:
                self._end(job, StopReason.FAILED, server.label, error)
                continue
            elsewhere = True
            if job.begun:
                self._tell(Restarted(job.id))
            job.forget_text()
            self._waiting.appendleft(job)
        if lost and elsewhere:
            self._tell(Notice("endpoint-lost", error.detail))

    def append(self, request_id: int, text: str) -> None:
        """Close a thought: what was written is kept, and a server asked to go on behind it."""
        job = self._jobs.get(request_id)
        call = next((c for c in self._calls if job in c.holding), None)
        if job is None or call is None or job.over or not job.text or text.strip() in job.text:
            return  # it has ended, begins anew elsewhere, or closed the thought meanwhile
        job.go_on_behind(text)
        self._tell(Appended(job.id))
        self._release(call, job)
        if len(call.jobs) == 1:
            self._stop_call(call)
        else:
            nobody = Job(job.request, "", over=True)  # the others keep their places
            call.jobs[call.jobs.index(job)] = nobody
        self._waiting.appendleft(job)
        self._dispatch()

    def cancel(self, request_ids: tuple[int, ...]) -> None:
        """End requests; a stream is closed when nobody waits for it any more."""
        for request_id in request_ids:
            job = self._jobs.get(request_id)
            if job is None or job.over:
                continue
            if job in self._waiting:
                self._waiting.remove(job)
            call = next((c for c in self._calls if job in c.holding), None)
            self._end(job, StopReason.CANCELLED, call.server.label if call else "")
            if call is not None:
                self._release(call, job)
                if all(other.over for other in call.jobs):
                    self._stop_call(call)
        self._dispatch()

    def _stop_call(self, call: Call) -> None:
        self._calls.discard(call)
        if call.task is not None:
            call.task.cancel()

    def _end(
        self,
        job: Job,
        stop: StopReason,
        machine: str = "",
        error: EngineError | None = None,
    ) -> None:
        """Tell the end of a request, once."""
        if job.over:
            return
        job.over = True
        self._jobs.pop(job.id, None)
        request = job.request
        if isinstance(request, ScoreRequest):
            self._tell(Scored(job.id, None))
            return
        rest = job.stream.close()
        if rest:
            self._tell(Generated(job.id, rest, 0))
        if request.keep and stop is StopReason.FINISHED:
            self._tell(job.kept())
        stop_text = job.stream.stop_text
        self._tell(Ended(job.id, stop, job.tokens, job.mean_logprob, stop_text, machine, error))

    async def close(self) -> None:
        """End all calls, those too that nobody waits for any more."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def _now() -> float:
    return asyncio.get_running_loop().time()
