"""Training: seeded, saved every few minutes, resumed where it stopped.

The rate is constant and then falls to zero over the last part. The state before the fall is kept,
so a longer run can go on from it.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from models.training.batches import Batch, VerifyBatch
from models.training.network import Network, Shape
from models.training.optimiser import Optimiser
from models.training.tokenizer import Marks


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
        save_seconds: Time between two saves.
    """

    steps: int
    falling_steps: int
    tokens_per_step: int = 4096
    matrix_rate: float = 0.02
    other_rate: float = 3e-3
    seed: int = 11
    threads: int = 2
    save_seconds: float = 120.0

    def rate_share(self, step: int) -> float:
        """Return the share of the full rate at one step: up, constant, down to zero."""
        fall = max(0.0, (self.steps - step) / self.falling_steps)
        return min(1.0, (step + 1) / 100, fall)


def best_device() -> torch.device:
    """A GPU where there is one, else the processor."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def multiplies_faster_in_bfloat16(device: torch.device) -> bool:
    """Whether the processor multiplies matrices of 16 bits faster than of 32, found by trying.

    That it can says little: with AMX it is much faster, with AVX-512's bfloat16 alone it took twice
    the time of 32 bits on one machine and less on another. The weights stay in 32 bits; a GPU is
    left as it is.
    """
    able = torch.cpu.get_capabilities()
    if device.type != "cpu" or not (able.get("avx512_bf16") or able.get("amx_bf16")):
        return False
    return _seconds_of_products(torch.bfloat16) < _seconds_of_products(torch.float32)


def _seconds_of_products(dtype: torch.dtype) -> float:
    """The shortest time of a product as large as those of training, in seconds."""
    left, right = torch.ones(2048, 384, dtype=dtype), torch.ones(384, 1056, dtype=dtype)
    times = []
    for _ in range(6):
        started = time.perf_counter()
        left @ right
        times.append(time.perf_counter() - started)
    return min(times)


def writing_loss(network: Network, batch: Batch) -> Tensor:
    """Mean surprise in nats at each token that is to be written."""
    ids, wanted = batch.ids.to(network.device), batch.wanted.to(network.device)
    stream = network(ids[:, :-1])
    return functional.cross_entropy(network.logits(stream[wanted]), ids[:, 1:][wanted])


def verifying_loss(network: Network, batch: VerifyBatch, marks: Marks) -> Tensor:
    """Mean cross-entropy in nats between what each probe says and what came out."""
    device = network.device
    stream = network(batch.ids.to(device), batch.positions.to(device), batch.mask.to(device))
    rows, columns = batch.probes.to(device).unbind(1)
    chances = batch.chances.to(device)
    said = functional.log_softmax(network.logits(stream[rows, columns]), dim=-1)
    right, wrong = said[:, marks.right], said[:, marks.wrong]
    return -(chances * right + (1 - chances) * wrong).mean()


def save_network(path: Path, network: Network, step: int, optimiser: Optimiser | None) -> None:
    """Write a state; an interrupted write leaves the old one."""
    beside = path.with_suffix(".new")
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(
        {
            "shape": asdict(network.shape),
            "network": network.state_dict(),
            "optimiser": optimiser.state() if optimiser else None,
            "step": step,
        },
        beside,
    )
    beside.replace(path)


def load_network(path: Path) -> Network:
    """Read the network out of a saved state."""
    state = torch.load(path, weights_only=True, map_location=best_device())
    network = Network(Shape(**state["shape"])).to(best_device())
    network.load_state_dict(state["network"])
    return network


def train(
    plan: Plan,
    network: Network,
    losses: Callable[[int], Iterator[Callable[[Network], Tensor]]],
    folder: Path,
) -> Network:
    """Train to the end of the plan, from the last saved state if there is one.

    Args:
        plan: How long and how fast.
        network: What is trained, unless a saved state is newer.
        losses: Given a seed, yields what is to be made small at each step.
        folder: Where states are saved: `last.pt`, and `full-rate.pt` before the rate falls.

    Returns:
        The trained network.
    """
    torch.set_num_threads(plan.threads)
    torch.set_flush_denormal(True)
    last, full = folder / "last.pt", folder / "full-rate.pt"
    halves = multiplies_faster_in_bfloat16(network.device)
    optimiser = Optimiser(network, plan.matrix_rate, plan.other_rate, halves=halves)
    first = 0
    for path in (last, full):
        state = torch.load(path, weights_only=True) if path.exists() else None
        if state is not None and int(state["step"]) < plan.steps:
            network.load_state_dict(state["network"])
            optimiser.restore(state["optimiser"])
            first = int(state["step"])
            break
    print(f"{network.parameter_count():,} parameters, steps {first} to {plan.steps}", flush=True)
    started = saved = time.monotonic()
    shown = math.nan
    source = losses(plan.seed + first)
    for step in range(first, plan.steps):
        compute = next(source)
        with torch.autocast("cpu", torch.bfloat16, enabled=halves):
            loss = compute(network)
        loss.backward()  # type: ignore[no-untyped-call]
        value = float(loss.detach())
        shown = value if math.isnan(shown) else 0.98 * shown + 0.02 * value
        optimiser.step(plan.rate_share(step))
        now = time.monotonic()
        if step % 100 == 0:
            print(f"step {step} loss {shown:.4f} {now - started:.0f} s", flush=True)
        if step + 1 == plan.steps - plan.falling_steps:
            save_network(full, network, step + 1, optimiser)
        elif now - saved > plan.save_seconds:
            save_network(last, network, step + 1, optimiser)
            saved = now
    last.unlink(missing_ok=True)
    return network
