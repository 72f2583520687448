"""Training: on the processor, seeded, saved every few minutes, resumed where it stopped.

The rate is constant and then falls to zero over the last part. The state before the fall is kept,
so a longer run can go on from it.
"""

from __future__ import annotations

import math
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch.nn import functional

from models.training.batches import Batch, batches
from models.training.conversations import Conversations
from models.training.heldout import held_out_questions
from models.training.network import Network, Shape
from models.training.optimiser import Optimiser
from models.training.tokenizer import Tokenizer


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how fast to train.

    Attributes:
        steps: Number of batches in all.
        falling_steps: Over how many of the last batches the rate falls to zero.
        tokens_per_step: Tokens of one batch, about.
        matrix_rate: Full step size of Muon.
        other_rate: Full step size of AdamW.
        seed: Where all randomness starts.
        threads: Processor threads.
        peak_share: Share of the full step sizes that is the most ever used.
        save_seconds: Time between two saves.
    """

    steps: int = 12_000
    falling_steps: int = 4000
    tokens_per_step: int = 3072
    matrix_rate: float = 0.02
    other_rate: float = 3e-3
    seed: int = 11
    threads: int = 2
    peak_share: float = 1.0
    save_seconds: float = 180.0

    def rate_share(self, step: int) -> float:
        """Return the share of the full rate at one step: up, constant, down to zero."""
        fall = max(0.0, (self.steps - step) / self.falling_steps)
        return self.peak_share * min(1.0, (step + 1) / 100, fall)


def learn(network: Network, batch: Batch) -> float:
    """Add the gradients of one batch and return its loss in nats a token."""
    stream = network(batch.ids[:, :-1])
    targets = batch.ids[:, 1:][batch.wanted]
    loss = functional.cross_entropy(network.logits(stream[batch.wanted]), targets)
    loss.backward()  # type: ignore[no-untyped-call]
    return float(loss.detach())


def _save(path: Path, network: Network, optimiser: Optimiser, step: int) -> None:
    beside = path.with_suffix(".new")
    torch.save(
        {
            "shape": asdict(network.shape),
            "network": network.state_dict(),
            "optimiser": optimiser.state(),
            "step": step,
        },
        beside,
    )
    beside.replace(path)


def load_network(path: Path) -> Network:
    """Read the network out of a saved state."""
    state = torch.load(path, weights_only=True)
    network = Network(Shape(**state["shape"]))
    network.load_state_dict(state["network"])
    return network


def train(plan: Plan, tokenizer: Tokenizer, folder: Path, start: Path | None = None) -> Path:
    """Train to the end of the plan, from the last saved state if there is one.

    Args:
        plan: How long and how fast.
        tokenizer: Of the state that is gone on from, if there is one.
        folder: Where states are saved.
        start: A state to go on from when none is saved here.

    Returns:
        Where the finished network lies.
    """
    torch.set_num_threads(plan.threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(plan.seed)
    last, full, done = (folder / name for name in ("last.pt", "full-rate.pt", "finished.pt"))
    network = Network(Shape(vocabulary=len(tokenizer)))
    optimiser = Optimiser(network, plan.matrix_rate, plan.other_rate)
    first = 0
    for path in (last, full, *([start] if start else [])):
        if path.exists() and int(torch.load(path, weights_only=True)["step"]) < plan.steps:
            state = torch.load(path, weights_only=True)
            network.load_state_dict(state["network"])
            optimiser.restore(state["optimiser"])
            first = int(state["step"])
            break
    print(f"{network.parameter_count():,} parameters, steps {first} to {plan.steps}")
    source = Conversations(plan.seed + first, held_out_questions())
    started = saved = time.monotonic()
    tokens, shown = 0, math.nan
    for step, batch in enumerate(
        batches(source, tokenizer, plan.seed + first, plan.tokens_per_step), first
    ):
        if step == plan.steps:
            break
        loss = learn(network, batch)
        shown = loss if math.isnan(shown) else 0.97 * shown + 0.03 * loss
        optimiser.step(plan.rate_share(step))
        tokens += batch.ids.numel()
        now = time.monotonic()
        if step % 50 == 0:
            speed = tokens / (now - started)
            print(
                f"step {step} loss {shown:.4f} {speed:.0f} tokens/s {now - started:.0f} s",
                flush=True,
            )
        if step + 1 == plan.steps - plan.falling_steps:
            _save(full, network, optimiser, step + 1)
        elif now - saved > plan.save_seconds:
            _save(last, network, optimiser, step + 1)
            saved = now
    _save(done, network, optimiser, plan.steps)
    last.unlink(missing_ok=True)
    return done
