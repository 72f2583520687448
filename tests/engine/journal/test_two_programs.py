"""Two Ponder programs write one journal at the same moment, and neither loses anything."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from engine.feedback import Thumb
from engine.journal.journal import Journal
from engine.journal.records import Status

_ROUNDS = 40
_PROGRAM = """
import pathlib, sys
from engine.budget import Budget
from engine.candidate import Candidate, StopReason
from engine.feedback import Thumb
from engine.generation import LoadOptions, Sampling
from engine.journal.journal import Journal
from engine.journal.records import DeliberationRecord, now
from engine.tally import tally_votes
from engine.verdict import StoppedWhy, decide

one = Candidate(0, 0, 0, "", "4", None, 9, 0, 0.0, 0.1, 1.0, StopReason.FINISHED)
verdict = decide([one], tally_votes([one]), StoppedWhy.BUDGET_SPENT)
journal = Journal(pathlib.Path(sys.argv[1]))
names = [f"{sys.argv[2]}{number}" for number in range(int(sys.argv[3]))]
for name in names:
    journal.start_deliberation(
        DeliberationRecord(name, None, "vote", Budget(), Sampling(), 1, "m.gguf", LoadOptions(),
                           now())
    )
    journal.add_candidate(name, one).result()
print("ready", flush=True)
sys.stdin.readline()
for name in names:
    journal.finish_deliberation(name, verdict, 1.0, None).result()
    journal.set_thumb(name, 0, Thumb.UP).result()
    journal.prefer(name, 0).result()
journal.close()
"""


def test_no_verdict_and_no_word_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    programs = [
        subprocess.Popen(
            [sys.executable, "-c", _PROGRAM, str(path), name, str(_ROUNDS)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in ("a", "b")
    ]
    for program in programs:
        assert program.stdout is not None
        assert program.stdout.readline() == "ready\n"
    for program in programs:
        assert program.stdin is not None
        program.stdin.write("go\n")
        program.stdin.flush()
    complaints = [program.communicate()[1] for program in programs]
    assert complaints == ["", ""]
    journal = Journal(path)
    for name in (f"{letter}{number}" for letter in "ab" for number in range(_ROUNDS)):
        record = journal.deliberation(name).result()
        assert record is not None
        assert record.status is Status.FINISHED
        assert record.feedback.thumb is Thumb.UP
        assert record.feedback.preferred == 0
    journal.close()
