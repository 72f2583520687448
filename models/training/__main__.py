"""The recipe's command line: `python -m models.training all`, or one stage at a time."""

from __future__ import annotations

import argparse
from pathlib import Path

from models.training.export import export
from models.training.heldout import write_held_out
from models.training.tokenizer import Tokenizer, train_tokenizer
from models.training.train import Plan, load_network, train

_ROOT = Path(__file__).parents[2]
_STAGES = ("data", "tokenizer", "train", "export")
_TOKENIZER_SEED = 7


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m models.training", description=__doc__)
    parser.add_argument("stage", choices=("all", *_STAGES))
    parser.add_argument("--folder", type=Path, default=_ROOT / ".cache" / "training")
    parser.add_argument("--steps", type=int, default=Plan().steps, help="batches to train on")
    parser.add_argument("--falling-steps", type=int, default=Plan().falling_steps)
    parser.add_argument("--start", type=Path, help="saved state to train on from")
    parser.add_argument("--peak-share", type=float, default=Plan().peak_share)
    parser.add_argument("--checkpoint", default="finished.pt", help="file in the folder to use")
    parser.add_argument(
        "--gguf", type=Path, default=_ROOT / "models" / "builtin" / "ponder-stories.gguf"
    )
    return parser.parse_args()


def main() -> None:
    """Run the stages that were asked for."""
    arguments = _arguments()
    folder: Path = arguments.folder
    pieces = folder / "tokenizer.model"
    stages = _STAGES if arguments.stage == "all" else (arguments.stage,)
    if "data" in stages:
        write_held_out()
    if "tokenizer" in stages:
        train_tokenizer(pieces, _TOKENIZER_SEED)
    tokenizer = Tokenizer(pieces)
    if "train" in stages:
        plan = Plan(arguments.steps, arguments.falling_steps, peak_share=arguments.peak_share)
        train(plan, tokenizer, folder, arguments.start)
    if "export" in stages:
        export(load_network(folder / arguments.checkpoint), pieces, arguments.gguf)


if __name__ == "__main__":
    main()
