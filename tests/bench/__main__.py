"""`make bench`: speed as ratios against named alternatives, in one run, on this machine.

    python -m tests.bench [--quick] [--only PART]... [--json FILE]

Parts are throughput, latency, settling, sweeps, pool and window, and, only when named, accuracy:
the table of the built-in model's card.

The random-weight model (24 layers, width 896, about 0.4 billion weights, Q8_0) is generated once
into `.cache/bench/`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
from dataclasses import asdict
from pathlib import Path

from engine.budget import Budget
from models.builtin import builtin_model_path
from models.training.heldout import held_out as compose
from tests.bench import accuracy, latency, pool, settling, sweeps, throughput, window
from tests.bench.generated_model import Shape, generate_model

ROOT = Path(__file__).resolve().parents[2]
GENERATED = ROOT / ".cache" / "bench" / "random-0.4b-q8_0.gguf"
PARTS = ("throughput", "latency", "settling", "sweeps", "pool", "window")
SLOW_PARTS = ("accuracy",)


def main() -> None:
    """Measure and print one table a part."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("--quick", action="store_true", help="fewer candidates, problems, repeats")
    parser.add_argument("--only", choices=PARTS + SLOW_PARTS, action="append")
    parser.add_argument(
        "--model", type=Path, default=builtin_model_path(), help="instead of the built-in one"
    )
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 2)
    parser.add_argument("--json", type=Path, help="also write the numbers to this file")
    arguments = parser.parse_args()
    parts = arguments.only or PARTS
    numbers: dict[str, object] = {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores", "threads": arguments.threads,
    }  # fmt: skip
    print(f"{numbers['machine']}, {arguments.threads} threads; ratios compare within this run\n")
    if "throughput" in parts:
        numbers["throughput"] = _throughput(
            arguments.model, arguments.threads, quick=arguments.quick
        )
    if "latency" in parts:
        numbers["latency"] = _latency(arguments.threads)
    if "settling" in parts:
        numbers["settling"] = _settling(arguments.model, arguments.threads, quick=arguments.quick)
    if "sweeps" in parts:
        numbers["sweeps"] = _sweeps(arguments.model, arguments.threads, quick=arguments.quick)
    if "pool" in parts:
        numbers["pool"] = _pool(quick=arguments.quick)
    if "window" in parts:
        numbers["window"] = _window()
    if "accuracy" in parts:
        numbers["accuracy"] = _accuracy(arguments.model, arguments.threads, quick=arguments.quick)
    if arguments.json:
        arguments.json.write_text(json.dumps(numbers, indent=2))


def _generated() -> Path:
    if not GENERATED.exists():
        GENERATED.parent.mkdir(parents=True, exist_ok=True)
        print(f"generating {GENERATED.name} ...")
        generate_model(GENERATED, Shape())
    return GENERATED


def _throughput(model: Path, threads: int, *, quick: bool) -> list[dict[str, object]]:
    print("Candidates per second (best of the repeats; ratios of ours to the others)")
    print(f"  {'model':<12}{'N':>4}{'ours':>9}{'one by one':>12}{'bare loop':>11}{'×':>8}{'×':>8}")
    rows: list[dict[str, object]] = []
    for name, path, tokens, counts in (
        ("random 0.4B", _generated(), 32, (1, 4, 16) if quick else (1, 4, 16, 64)),
        ("built-in", model, 48, (1, 4, 16, 64)),
    ):
        for row in throughput.measure(path, counts, tokens, threads, 1 if quick else 2):
            print(
                f"  {name:<12}{row.candidates:>4}{row.ours:>9.2f}{row.one_after_another:>12.2f}"
                f"{row.bare_loop:>11.2f}{row.ours / row.one_after_another:>8.2f}"
                f"{row.ours / row.bare_loop:>8.2f}",
                flush=True,
            )
            rows.append({"model": name, **asdict(row)})
    print()
    return rows


def _latency(threads: int) -> dict[str, float]:
    found = latency.measure(_generated(), threads)
    print("Waiting, random 0.4B")
    ratio = found.cold_first_token / found.second_turn_first_token
    print(f"  first token, cold prompt       {found.cold_first_token * 1e3:8.1f} ms")
    print(
        f"  first token, second turn       {found.second_turn_first_token * 1e3:8.1f} ms"
        f"  ({ratio:.1f}× sooner)"
    )
    print(f"  cancel, 8 candidates decoding  {found.cancel_decoding * 1e3:8.1f} ms")
    print(f"  cancel, reading a prompt       {found.cancel_reading * 1e3:8.1f} ms\n")
    return asdict(found)


def _settling(model: Path, threads: int, *, quick: bool) -> list[dict[str, object]]:
    """Attempts that wait for a slot are saved whole, those that run only in part: so both."""
    held_out = compose("stories", 40 if quick else 120)
    budget = Budget(samples=16)
    print(f"Early stopping, {model.stem}, {len(held_out)} held-out stories, budget 16")
    rows: list[dict[str, object]] = []
    for slots in (4, 16):
        backend = settling.load(model, slots, threads)
        try:
            early = settling.measure(backend, held_out, budget, stop_early=True)
            full = settling.measure(backend, held_out, budget, stop_early=False)
        finally:
            backend.close()
        for name, found in (("settled", early), ("full budget", full)):
            print(
                f"  {slots:>2} side by side, {name:<12} {found.right / found.problems:6.1%} right  "
                f"{found.candidates / found.problems:5.1f} samples  "
                f"{found.tokens / found.problems:6.0f} tokens  "
                f"{found.seconds / found.problems:6.2f} s a question",
                flush=True,
            )
        rows.append({"slots": slots, "settled": asdict(early), "full": asdict(full)})
    print()
    return rows


def _sweeps(model: Path, threads: int, *, quick: bool) -> list[dict[str, object]]:
    print("Sweeps: candidates per second in 16 slots; ratios to one question after another")
    heads = ("samples", "one by one", "one process", "sweep", "×", "×")
    print("  {:<12}{:>8}{:>12}{:>13}{:>9}{:>8}{:>8}".format("model", *heads))
    rows: list[dict[str, object]] = []
    for name, path, most, tokens in (
        ("built-in", model, 160, None),
        # its tokens are shorter: as much text as 64 of the built-in one, which is what that writes
        ("random 0.4B", _generated(), 32, 160),
    ):
        for samples in (1, 4, 16):
            questions = max(most // samples, most // 8) // (4 if quick else 1)
            repeats = 1 if quick else 2
            found = sweeps.measure(path, questions, samples, 16, tokens, threads, repeats)
            slow = found.one_by_one
            print(
                f"  {name:<12}{samples:>8}{slow:>12.2f}{found.in_one_process:>13.2f}"
                f"{found.ahead:>9.2f}{found.in_one_process / slow:>8.2f}{found.ahead / slow:>8.2f}",
                flush=True,
            )
            rows.append({"model": name, **asdict(found)})
    print()
    return rows


def _pool(*, quick: bool) -> dict[str, object]:
    found = pool.measure(_generated(), 4 if quick else 12, 32, 1 if quick else 2)
    print(
        "Pool: llama-cpp-python's server with random 0.4B, one thread each, candidates per second"
    )
    print(
        f"  one {found.one:.2f}  two {found.two:.2f}  {found.two / found.one:.2f}×"
        f"  ({found.shares[0]} and {found.shares[1]} candidates)\n",
        flush=True,
    )
    return asdict(found)


def _accuracy(model: Path, threads: int, *, quick: bool) -> dict[str, dict[str, float]]:
    held_out = compose("stories", 40 if quick else 300)
    backend = settling.load(model, 17, threads)
    try:
        rows = accuracy.measure(backend, held_out, samples=16)
    finally:
        backend.close()
    print(f"{model.stem}, {len(held_out)} held-out stories, percent right, temperature 0.8")
    print(f"{accuracy.table(rows)}\n")
    return rows


def _window() -> dict[str, object]:
    print("Window")
    delays = window.streaming_delays(streams=64)
    print(
        f"  event-loop delay, 64 streams   median {delays.median:.1f} ms, p99 {delays.p99:.1f} ms,"
        f" worst {delays.worst:.1f} ms"
    )
    start = window.cold_start_seconds()
    print(f"  cold start to first paint      {start:.2f} s (best of 3)")
    return {"delays": asdict(delays), "cold_start_seconds": start}


if __name__ == "__main__":
    main()
