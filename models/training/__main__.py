"""The recipe's command line: `python -m models.training all`, or one stage at a time.

Stages, each going on where it was interrupted: `tokenizer`, then for each size `solve`, `attempts`,
`skills`, `prefer` and `export`. `join` stands beside them: it makes the mean of several states of
the skills what is exported.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch

from models.builtin import CARD
from models.training.attempts import read_attempts, write_attempts
from models.training.card import write_section
from models.training.export import export
from models.training.growing import grown
from models.training.heldout import held_out_questions
from models.training.joining import joined
from models.training.network import SHAPES_FOR_GPU, SHAPES_FOR_PROCESSOR, Network
from models.training.preferences import (
    Measured,
    learn_from,
    make_pairs,
    measure,
    preference_table,
)
from models.training.skills import Loss, skill_losses, solving_losses
from models.training.tokenizer import Tokenizer, train_tokenizer
from models.training.train import Plan, best_device, load_network, save_network, train

_ROOT = Path(__file__).parents[2]
_KEPT = Path(__file__).with_name("states")
"""What a stage of hours came to on two cores; taken where there is no GPU to do better."""
_STAGES = ("solve", "attempts", "skills", "prefer", "export")
_TOKENIZER_SEED, _ATTEMPT_SEED, _PREFERENCE_SEED, _MEASURE_SEED = 7, 31, 41, 51
_MEASURED_PROBLEMS = 200

Losses = Callable[[int], Iterator[Loss]]


@dataclass(frozen=True, slots=True)
class Size:
    """What one size of the model is trained with.

    Attributes:
        solve: Learning to solve.
        skills: Learning all three skills.
        attempted: Problems it attempts itself; with 0 it takes the attempts of the size it grows
            from, which are its own as well: grown, it writes the same.
        rounds: Rounds of preference optimization.
        pairs: Pairs in each of them.
        grows: The size whose skills it grows from, or None where it begins with nothing.
        again: Learning to solve from a state that knows much already.
    """

    solve: Plan
    skills: Plan
    attempted: int
    rounds: int = 2
    pairs: int = 2000
    grows: str | None = None
    again: Plan = Plan(5000, 2000, matrix_rate=0.012, other_rate=1.8e-3, seed=13)  # noqa: RUF009 - it is frozen


_SIZES_FOR_PROCESSOR = {
    "small": Size(
        Plan(12_000, 4000),
        Plan(9800, 4200, matrix_rate=0.012, other_rate=1.8e-3),
        3072,
        rounds=1,
        pairs=200,
    ),
    "base": Size(
        Plan(0, 1),
        Plan(1000, 700, matrix_rate=0.005, other_rate=7e-4),
        0,
        rounds=0,
        grows="small",
    ),
}
"""What two cores can do in hours."""
_SIZES_FOR_GPU = {
    "small": Size(Plan(24_000, 8000), Plan(6000, 4500, matrix_rate=0.01, other_rate=1.5e-3), 2048),
    "base": Size(Plan(16_000, 5000), Plan(5000, 3500, matrix_rate=0.01, other_rate=1.5e-3), 4000),
}


def _has_gpu() -> bool:
    return best_device().type == "cuda"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m models.training", description=__doc__)
    parser.add_argument("stage", choices=("all", "tokenizer", *_STAGES, "join"))
    parser.add_argument("--size", choices=tuple(_SIZES_FOR_GPU), help="only this one")
    parser.add_argument("--folder", type=Path, default=_ROOT / ".cache" / "training")
    parser.add_argument("--steps", type=int, help="batches of this stage, instead of its plan")
    parser.add_argument("--falling-steps", type=int)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--afresh", action="store_true", help="train even what is kept here")
    parser.add_argument("--begin", type=Path, help="state that solve begins with, afresh")
    parser.add_argument("--checkpoint", default="skills.pt", help="state to export")
    parser.add_argument("--states", type=Path, nargs="+", default=[], help="states to join")
    parser.add_argument("--shares", type=float, nargs="+", default=[], help="of each; else alike")
    return parser.parse_args()


class _Recipe:
    """The stages of one size."""

    def __init__(self, name: str, size: Size, folder: Path, pieces: Path) -> None:
        self.name, self.size, self.folder, self.pieces = name, size, folder, pieces
        self.tokenizer = Tokenizer(pieces)
        self.held_out = held_out_questions()

    def solve(self, plan: Plan, *, begin: Path | None, afresh: bool) -> None:
        """Learn to solve, or take the state that is kept for want of a GPU."""
        if begin is None and not afresh and self._take_kept("solve", plan):
            return
        torch.manual_seed(plan.seed)
        network = load_network(begin) if begin else self._beginning(plan.seed)

        def losses(seed: int) -> Iterator[Loss]:
            return solving_losses(self.tokenizer, self.held_out, seed, plan.tokens_per_step)

        self._train(plan, network, "solve", losses)

    def _beginning(self, seed: int) -> Network:
        """A network that knows nothing, or what a smaller one has learned, grown."""
        shapes = SHAPES_FOR_GPU if _has_gpu() else SHAPES_FOR_PROCESSOR
        if self.size.grows is None:
            return Network(shapes[self.name]).to(best_device())
        smaller = load_network(self.folder.parent / self.size.grows / "skills.pt")
        return grown(smaller, shapes[self.name], seed)

    def attempts(self) -> None:
        """Let the network that can solve attempt problems of its own."""
        if not self.size.attempted:
            return
        network = load_network(self.folder / "solve.pt")
        write_attempts(
            network, self.tokenizer, self._attempts, self.size.attempted, _ATTEMPT_SEED,
            self.held_out,
        )  # fmt: skip

    @property
    def _attempts(self) -> Path:
        """Where the attempts are that the skills are learned from."""
        borrowed = self.size.grows if not self.size.attempted else None
        return self.folder.parent / (borrowed or self.name) / "attempts.jsonl"

    def skills(self, plan: Plan, *, afresh: bool) -> None:
        """Learn to revise and to verify from the own attempts, while solving goes on."""
        if not afresh and self._take_kept("skills", plan):
            return
        own = list(read_attempts(self._attempts))

        def losses(seed: int) -> Iterator[Loss]:
            return skill_losses(self.tokenizer, own, self.held_out, seed, plan.tokens_per_step)

        self._train(plan, load_network(self.folder / "solve.pt"), "skills", losses)

    def join(self, states: Sequence[Path], shares: Sequence[float]) -> None:
        """Make the mean of some states what the skills came to."""
        save_network(self.folder / "skills.pt", joined(states, shares), 0, None)

    def prefer(self) -> None:
        """Rounds of preference optimization, each saved with what it changed."""
        network = load_network(self.folder / "skills.pt")
        own = list(read_attempts(self._attempts))
        found = [self._measured(network, "before")]
        for number in range(1, self.size.rounds + 1):
            seed = _PREFERENCE_SEED + number
            path = self.folder / f"round-{number}.pt"
            if path.exists():
                network = load_network(path)
            else:
                pairs = make_pairs(network, self.tokenizer, self.size.pairs, seed, self.held_out)
                rehearsal = skill_losses(self.tokenizer, own, self.held_out, seed, 1024)
                learn_from(network, self.tokenizer, pairs, rehearsal, seed)
                save_network(path, network, number, None)
            found.append(self._measured(network, f"round {number}"))
        (self.folder / "preferences.json").write_text(json.dumps([asdict(one) for one in found]))
        write_section(CARD, f"preferences: {self.name}", preference_table(found))

    def export(self, checkpoint: str) -> None:
        """Write the GGUF that ships."""
        target = _ROOT / "models" / "builtin" / f"ponder-{self.name}.gguf"
        export(load_network(self.folder / checkpoint), self.pieces, target, self.name)

    def _take_kept(self, stage: str, plan: Plan) -> bool:
        """Take the state of a stage that is kept for want of a GPU, if there is one."""
        kept, done = _KEPT / f"{self.name}-{stage}.pt", self.folder / f"{stage}.pt"
        if _has_gpu() or not kept.exists() or done.exists():
            return False
        save_network(done, load_network(kept), plan.steps, None)
        print(f"taken from {kept}")
        return True

    def _measured(self, network: Network, moment: str) -> Measured:
        found = measure(network, self.tokenizer, moment, _MEASURED_PROBLEMS, _MEASURE_SEED)
        print(found, flush=True)
        return found

    def _train(self, plan: Plan, network: Network, stage: str, losses: Losses) -> None:
        done = self.folder / f"{stage}.pt"
        if done.exists():
            print(f"{done} is there already")
            return
        save_network(done, train(plan, network, losses, self.folder / stage), plan.steps, None)


def _tokenizer(pieces: Path, *, afresh: bool) -> None:
    """Learn the pieces, or take those that the kept states know."""
    kept = _KEPT / "tokenizer.model"
    if afresh or not kept.exists():
        train_tokenizer(pieces, _TOKENIZER_SEED)
    else:
        pieces.parent.mkdir(parents=True, exist_ok=True)
        pieces.write_bytes(kept.read_bytes())


def _run(recipe: _Recipe, stage: str, arguments: argparse.Namespace) -> None:
    size = recipe.size
    if stage in {"solve", "skills"}:
        solve = size.again if arguments.begin else size.solve
        plan = solve if stage == "solve" else size.skills
        asked = {"steps": arguments.steps, "falling_steps": arguments.falling_steps}
        given = {name: value for name, value in asked.items() if value is not None}
        plan = replace(plan, threads=arguments.threads, **given)
        if stage == "solve":
            recipe.solve(plan, begin=arguments.begin, afresh=arguments.afresh)
        else:
            recipe.skills(plan, afresh=arguments.afresh)
    elif stage == "attempts":
        recipe.attempts()
    elif stage == "prefer":
        recipe.prefer()
    elif stage == "join":
        recipe.join(arguments.states, arguments.shares)
    else:
        recipe.export(arguments.checkpoint)


def main() -> None:
    """Run the stages that were asked for."""
    arguments = _arguments()
    folder: Path = arguments.folder
    pieces = folder / "tokenizer.model"
    torch.set_num_threads(arguments.threads)
    if arguments.stage in {"all", "tokenizer"} and not pieces.exists():
        _tokenizer(pieces, afresh=arguments.afresh)
    if arguments.stage == "tokenizer":
        return
    stages = _STAGES if arguments.stage == "all" else (arguments.stage,)
    sizes = _SIZES_FOR_GPU if _has_gpu() else _SIZES_FOR_PROCESSOR
    for name in (arguments.size,) if arguments.size else tuple(sizes):
        recipe = _Recipe(name, sizes[name], folder / name, pieces)
        for stage in stages:
            _run(recipe, stage, arguments)


if __name__ == "__main__":
    main()
