"""Stop-gap backend until the llama engineer's lands. Simple batched decode."""

from __future__ import annotations

import codecs
import ctypes
import time
from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from llama_cpp import llama_cpp as low

from engine.backends.base import (
    BackendEvent,
    Ended,
    Generated,
    GenerationRequest,
    LoadProgress,
    PromptRead,
)
from engine.backends.llama.template import ChatTemplate
from engine.candidate import StopReason
from engine.errors import DecodeError, ModelFileError, ModelMemoryError, PromptTooLongError
from engine.generation import LoadOptions, ModelReport, Notice

_LOG: deque[str] = deque(maxlen=200)


@low.llama_log_callback
def _log(level: int, text: bytes, data: Any) -> None:
    _LOG.append(text.decode(errors="replace"))


@dataclass(frozen=True)
class SystemReport:
    llama_build: str
    devices: tuple[str, ...]
    gpu_build: bool


def system_report() -> SystemReport:
    low.llama_log_set(_log, ctypes.c_void_p(0))
    low.llama_backend_init()
    return SystemReport(
        low.llama_print_system_info().decode().strip(), (), bool(low.llama_supports_gpu_offload())
    )


@dataclass
class Seq:
    request: GenerationRequest
    prompt: list[int]
    seq: int = -1
    pos: int = 0
    sampler: Any = None
    next: int = -1
    tokens: int = 0
    logprob: float = 0.0
    forced: list[int] = field(default_factory=list)
    decoder: Any = field(default_factory=lambda: codecs.getincrementaldecoder("utf-8")("replace"))
    text: str = ""


class LlamaBackend:
    def __init__(
        self, model: Any, ctx: Any, report: ModelReport, template: ChatTemplate, cells: int
    ) -> None:
        self.m, self.ctx, self._report, self.template = model, ctx, report, template
        self.vocab = low.llama_model_get_vocab(model)
        self.mem = low.llama_get_memory(ctx)
        self.nv = low.llama_vocab_n_tokens(self.vocab)
        self.batch = low.llama_batch_init(512, 0, 1)
        self.waiting: deque[Seq] = deque()
        self.live: list[Seq] = []
        self.free = list(range(report.slots, 0, -1))
        self.cached: list[int] = []
        self.cancelled: set[int] = set()
        self.notices: tuple[Notice, ...] = (template.notice,) if template.notice else ()

    @classmethod
    def load(cls, path: Path, options: LoadOptions, progress: LoadProgress | None) -> LlamaBackend:
        started = time.monotonic()
        if not path.is_file() or path.stat().st_size < 24 or path.open("rb").read(4) != b"GGUF":
            raise ModelFileError("not a GGUF file")
        low.llama_log_set(_log, ctypes.c_void_p(0))
        low.llama_backend_init()
        p = low.llama_model_default_params()
        model = low.llama_model_load_from_file(str(path).encode(), p)
        if not model:
            raise ModelFileError(" ".join(list(_LOG)[-3:]))
        train = low.llama_model_n_ctx_train(model)
        per = min(options.context_tokens or 8192, train)
        c = low.llama_context_default_params()
        c.n_ctx = min(per * (options.slots + 1), 65536)
        c.n_batch = 512
        c.n_seq_max = options.slots + 1
        c.kv_unified = True
        c.n_threads = c.n_threads_batch = options.threads or 1
        ctx = low.llama_init_from_model(model, c)
        if not ctx:
            raise ModelMemoryError("context")

        def meta(key: str) -> str:
            buf = ctypes.create_string_buffer(65536)
            n = low.llama_model_meta_val_str(model, key.encode(), buf, 65536)
            return buf.value.decode(errors="replace") if n >= 0 else ""

        vocab = low.llama_model_get_vocab(model)
        special = frozenset(
            low.llama_vocab_get_text(vocab, t).decode(errors="replace")
            for t in range(low.llama_vocab_n_tokens(vocab))
            if low.llama_vocab_is_control(vocab, t)
        )
        text = lambda t: low.llama_vocab_get_text(vocab, t).decode() if t >= 0 else ""
        template = ChatTemplate.from_model(
            meta("tokenizer.chat_template") or None,
            text(low.llama_vocab_bos(vocab)),
            text(low.llama_vocab_eos(vocab)),
            special,
        )
        report = ModelReport(
            str(path),
            meta("general.name") or path.stem,
            meta("ponder.family"),
            meta("general.architecture"),
            "",
            low.llama_model_n_params(model),
            low.llama_model_size(model),
            low.llama_model_n_layer(model),
            0,
            (),
            bool(low.llama_supports_gpu_offload()),
            per,
            train,
            options.slots,
            True,
            True,
            c.n_threads,
            template.kind,
            False,
            time.monotonic() - started,
        )
        return cls(model, ctx, report, template, c.n_ctx)

    @property
    def report(self) -> ModelReport:
        return self._report

    @property
    def busy(self) -> bool:
        return bool(self.waiting or self.live)

    def _tok(self, text: str, special: bool, bos: bool) -> list[int]:
        data = text.encode()
        n = len(data) + 8
        buf = (ctypes.c_int32 * n)()
        count = low.llama_tokenize(self.vocab, data, len(data), buf, n, bos, special)
        return list(buf[:count])

    def submit(self, requests: Sequence[GenerationRequest]) -> None:
        rows = []
        for r in requests:
            prompt: list[int] = []
            for piece in self.template.render(r.messages, r.continuation).pieces:
                prompt += self._tok(
                    piece.text,
                    piece.trusted,
                    not prompt and bool(low.llama_vocab_get_add_bos(self.vocab)),
                )
            if len(prompt) + 1 >= self._report.context_tokens:
                raise PromptTooLongError(len(prompt), self._report.context_tokens)
            rows.append(Seq(r, prompt))
        self.waiting.extend(rows)

    def _decode(self, rows: list[tuple[int, int, int, bool]]) -> None:
        b = self.batch
        for i, (t, pos, seq, last) in enumerate(rows):
            b.token[i], b.pos[i], b.n_seq_id[i], b.logits[i] = t, pos, 1, last
            b.seq_id[i][0] = seq
        b.n_tokens = len(rows)
        if low.llama_decode(self.ctx, b) != 0:
            raise DecodeError("llama_decode")

    def _sample(self, s: Seq, row: int) -> list[BackendEvent]:
        token = low.llama_sampler_sample(s.sampler, self.ctx, row)
        logits = np.ctypeslib.as_array(low.llama_get_logits_ith(self.ctx, row), (self.nv,))
        top = float(logits.max())
        s.logprob += float(logits[token]) - top - float(np.log(np.exp(logits - top).sum()))
        s.tokens += 1
        if low.llama_vocab_is_eog(self.vocab, token):
            return [self._end(s, StopReason.FINISHED)]
        buf = ctypes.create_string_buffer(256)
        n = low.llama_token_to_piece(self.vocab, token, buf, 256, 0, False)
        piece = s.decoder.decode(buf.raw[: max(0, n)])
        s.next = token
        events: list[BackendEvent] = [Generated(s.request.request_id, piece, 1)]
        if s.request.max_tokens is not None and s.tokens >= s.request.max_tokens:
            events.append(self._end(s, StopReason.TOKEN_BUDGET))
        elif s.pos + 1 >= self._report.context_tokens:
            events.append(self._end(s, StopReason.CONTEXT_FULL))
        return events

    def _end(self, s: Seq, stop: StopReason) -> Ended:
        if s in self.live:
            self.live.remove(s)
        if s.seq >= 0:
            low.llama_memory_seq_rm(self.mem, s.seq, -1, -1)
            self.free.append(s.seq)
        if s.sampler:
            low.llama_sampler_free(s.sampler)
            s.sampler = None
        return Ended(
            s.request.request_id, stop, s.tokens, s.logprob / s.tokens if s.tokens else None
        )

    def step(self) -> Sequence[BackendEvent]:
        events: list[BackendEvent] = []
        for s in [*self.live, *self.waiting]:
            if s.request.request_id in self.cancelled:
                if s in self.waiting:
                    self.waiting.remove(s)
                events.append(self._end(s, StopReason.CANCELLED))
        self.cancelled.clear()
        while self.waiting and self.free:
            s = self.waiting[0]
            keep = 0
            while (
                keep < min(len(self.cached), len(s.prompt) - 1)
                and self.cached[keep] == s.prompt[keep]
            ):
                keep += 1
            low.llama_memory_seq_rm(self.mem, 0, keep, -1)
            self.cached = self.cached[:keep]
            rest = s.prompt[keep:]
            for i in range(0, len(rest), 512):
                chunk = rest[i : i + 512]
                base = keep + i
                self._decode(
                    [(t, base + j, 0, base + j == len(s.prompt) - 1) for j, t in enumerate(chunk)]
                )
            last = len(rest[(len(rest) - 1) // 512 * 512 :]) - 1
            self.cached = list(s.prompt)
            self.waiting.popleft()
            s.seq = self.free.pop()
            low.llama_memory_seq_cp(self.mem, 0, s.seq, -1, -1)
            s.pos = len(s.prompt)
            chain = low.llama_sampler_chain_init(low.llama_sampler_chain_default_params())
            sm = s.request.sampling
            if sm.temperature <= 0:
                low.llama_sampler_chain_add(chain, low.llama_sampler_init_greedy())
            else:
                for link in (
                    low.llama_sampler_init_top_k(sm.top_k),
                    low.llama_sampler_init_top_p(sm.top_p, 1),
                    low.llama_sampler_init_min_p(sm.min_p, 1),
                    low.llama_sampler_init_temp(sm.temperature),
                    low.llama_sampler_init_dist(sm.seed or 0),
                ):
                    low.llama_sampler_chain_add(chain, link)
            s.sampler = chain
            self.live.append(s)
            events.append(PromptRead(s.request.request_id, len(s.prompt), len(s.prompt), keep))
            events += self._sample(s, last)
            self.cached = s.prompt[:-1]
            low.llama_memory_seq_rm(self.mem, 0, len(s.prompt) - 1, -1)
            return events
        if not self.live:
            return events
        live = list(self.live)
        for s in live:
            while s.forced:
                self._decode([(s.next, s.pos, s.seq, False)])
                s.pos += 1
                s.next = s.forced.pop(0)
        self._decode([(s.next, s.pos, s.seq, True) for s in live])
        for i, s in enumerate(live):
            s.pos += 1
            events += self._sample(s, i)
        return events

    def append(self, request_id: int, text: str) -> None:
        for s in self.live:
            if s.request.request_id == request_id:
                s.forced += self._tok(text, True, False)

    def cancel(self, request_ids: Collection[int]) -> None:
        self.cancelled.update(request_ids)

    def interrupt(self) -> None:
        return

    def close(self) -> None:
        if self.ctx:
            low.llama_batch_free(self.batch)
            low.llama_free(self.ctx)
            low.llama_model_free(self.m)
            self.ctx = None
