"""Question sets on the hub: which files a dataset has, and getting one of them. Free of Qt."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from engine.lab.question_files import QUESTION_SUFFIXES
from engine.lab.question_table import Columns, QuestionFileError, Row, questions_from
from engine.lab.questions import QuestionSet

if (
    TYPE_CHECKING
):  # they take 200 ms to import, which sets that are not on the hub need not wait for
    from models.download import Report
    from models.hub import Dataset, Hub, HubFile

PREFIX: Final = "hub:"
"""What a set on the hub begins with: `hub:OWNER/NAME` or `hub:OWNER/NAME:FILE`."""
LARGEST_BYTES: Final = 256 * 2**20
_FIRST_CHOICES: Final = ("test", "validation", "train")


def is_hub_set(given: str) -> bool:
    """Whether a name means a dataset on the hub."""
    return given.startswith(PREFIX)


def find_dataset(hub: Hub, given: str) -> tuple[Dataset, str]:
    """Ask the hub for a dataset; return it with the file that was named, or "".

    Raises:
        HubError: The hub did not answer as it should.
        QuestionFileError: It has no file that questions can be read from.
    """
    name, _, file = given.removeprefix(PREFIX).partition(":")
    found = hub.dataset(name, QUESTION_SUFFIXES)
    if not found.files:
        kinds = ", ".join(QUESTION_SUFFIXES)
        raise QuestionFileError(f"{name} has no file that questions are read from: {kinds}")
    return found, file


def chosen_file(dataset: Dataset, path: str = "") -> HubFile:
    """Return the file of this path; without one a test split before others, the smallest first.

    Raises:
        QuestionFileError: There is none, or it is too large.
    """
    named = [file for file in dataset.files if not path or file.path == path]
    if not named:
        known = ", ".join(file.path for file in dataset.files[:20])
        raise QuestionFileError(f"{dataset.name} has no {path}; it has {known}")
    best = min(named, key=lambda file: (_split_rank(file.path), file.size_bytes, file.path))
    if oversized(best):
        raise QuestionFileError(f"{best.path} is larger than {LARGEST_BYTES // 2**20} MB")
    return best


def get_dataset_file(
    hub: Hub,
    dataset: Dataset,
    file: HubFile,
    folder: Path,
    report: Report = lambda _progress: None,
    stop: threading.Event | None = None,
) -> Path:
    """Download one file, or find it from before, checked by its SHA-256.

    Raises:
        DownloadError: It could not be got; what is there stays, for the next time.
        HubError: The hub refuses.
    """
    from models.download import Download
    from models.transfer import Transfer

    transfer = Transfer()
    try:
        # each revision has its own folder, so that an old sweep's file is never replaced
        place = folder / dataset.revision[:12]
        download = Download(dataset.place, dataset.revision, file, place)
        return download.run(hub, transfer, report, stop or threading.Event())
    finally:
        transfer.close()


def hub_question_set(
    rows: Sequence[tuple[int, Row]], dataset: Dataset, file: HubFile, columns: Columns
) -> QuestionSet:
    """Make questions of a downloaded file's rows; their source names the commit.

    Raises:
        QuestionFileError: Some rows make no sense.
    """
    source = f"{PREFIX}{dataset.name}:{file.path} at {dataset.revision[:12]}"
    return QuestionSet(dataset.name.rpartition("/")[2], source, questions_from(rows, columns))


def oversized(file: HubFile) -> bool:
    """Whether a file is larger than a question set may be."""
    return file.size_bytes > LARGEST_BYTES


def _split_rank(path: str) -> int:
    name = path.casefold()
    places = [n for n, word in enumerate(_FIRST_CHOICES) if word in name]
    return min(places, default=len(_FIRST_CHOICES))
