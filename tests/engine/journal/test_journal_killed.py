"""kill -9 of real processes: what was accepted is there afterwards, and the file is whole.

One child loads the code once and forks a writer for each kill, so that many kills take seconds.
The moment of a kill is measured in what the writer has done, so a busy machine changes nothing.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from engine.journal.database import inspect_journal
from engine.journal.journal import Journal

_KILLER = """
import os, pathlib, random, signal, sys, threading, time
from engine.budget import Budget
from engine.candidate import Candidate, StopReason
from engine.generation import LoadOptions, Sampling
from engine.journal.journal import Journal
from engine.journal.records import DeliberationRecord, DraftRecord, MessageRecord, now

place, kills = pathlib.Path(sys.argv[2]), int(sys.argv[3])
chance = random.Random(11)


def write(number, accepted):
    # ask, think and answer until killed; tell the pipe what a future said is on disk
    journal = Journal(place)
    conversation, message, name = f"c{number}", f"m{number}", f"d{number}"
    journal.create_conversation(conversation, "killed").result()
    journal.add_message(
        MessageRecord(message, conversation, None, "user", "text " * 50, now(), name)
    ).result()
    os.write(accepted, f"message {message}\\n".encode())
    journal.start_deliberation(
        DeliberationRecord(name, message, "vote", Budget(samples=64), Sampling(), 1, "m.gguf",
                           LoadOptions(), now())
    ).result()
    for index in range(100_000):
        journal.save_draft(name, [DraftRecord(index, "hm", "text in flight", 3)])
        journal.add_candidate(
            name,
            Candidate(index, 0, index, "hm", "answer " * 50, None, 9, 2, 0.0, 0.1, 1.0,
                      StopReason.FINISHED),
        ).result()
        os.write(accepted, f"candidate {name} {index}\\n".encode())


def create(number, accepted):
    Journal(place / str(number) / "j.db").close()
    os.write(accepted, f"created {number}\\n".encode())


began = time.monotonic()
Journal(place.parent / "first" / "j.db").close()
creating_seconds = time.monotonic() - began
work, most_lines, longest_seconds = {
    "write": (write, 12, 0.005),
    "create": (create, 1, creating_seconds * 2),
}[sys.argv[1]]
for number in range(kills):
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        work(number, writing)
        signal.pause()
    os.close(writing)
    with os.fdopen(reading) as told:
        for _ in range(chance.randrange(most_lines)):
            sys.stdout.write(told.readline())
        threading.Event().wait(chance.random() * longest_seconds)
        os.kill(pid, signal.SIGKILL)
        sys.stdout.write(told.read())
    os.waitpid(pid, 0)
"""


def kill(work: str, place: Path, kills: int) -> list[list[str]]:
    """Kill processes at random moments; return what they said they had done."""
    arguments = [work, str(place), str(kills)]
    ended = subprocess.run(
        [sys.executable, "-c", _KILLER, *arguments], stdout=subprocess.PIPE, text=True, check=True
    )
    return [line.split() for line in ended.stdout.splitlines()]


def test_accepted_messages_and_candidates_survive_a_kill_at_any_moment(tmp_path: Path) -> None:
    path = tmp_path / "j.db"
    kills = 40
    told = kill("write", path, kills)
    assert inspect_journal(path).integrity_ok
    journal = Journal(path)
    interrupted = set(journal.interrupt_running().result())
    stored: dict[str, set[int]] = {}
    accepted = 0
    for kind, name, *index in told:
        if kind == "message":
            assert [m.message_id for m in journal.messages(f"c{name[1:]}").result()] == [name]
            continue
        if name not in stored:
            record = journal.deliberation(name).result()
            assert record is not None
            stored[name] = {candidate.index for candidate in record.candidates}
        assert name in interrupted
        assert int(index[0]) in stored[name]
        accepted += 1
    journal.close()
    assert accepted > kills


def test_a_kill_while_a_journal_is_made_leaves_one_that_opens(tmp_path: Path) -> None:
    kills = 60
    finished = len(kill("create", tmp_path, kills))
    files = sorted(tmp_path.glob("*/j.db"))
    unfinished = [file for file in files if inspect_journal(file).version == 0]
    for file in files:
        journal = Journal(file)
        journal.create_conversation("c", "well").result()
        journal.close()
        assert inspect_journal(file).conversations == 1
    assert finished < kills
    assert unfinished, "no kill came in between"


def test_two_programs_can_make_the_same_journal_at_once(tmp_path: Path) -> None:
    script = """
import pathlib, sys
from engine.journal.journal import Journal
print("ready", flush=True); sys.stdin.readline()
for number in range(5):
    journal = Journal(pathlib.Path(sys.argv[1]) / f"{number}.db")
    journal.create_conversation(sys.argv[2], "x").result()
    journal.close()
"""
    programs = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(tmp_path), name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in ("one", "two", "three")
    ]
    for program in programs:
        assert program.stdout is not None
        assert program.stdout.readline() == "ready\n"
    for program in programs:
        assert program.stdin is not None
        program.stdin.write("go\n")
        program.stdin.flush()
    for program in programs:
        _, complaint = program.communicate()
        assert program.returncode == 0, complaint
    for number in range(5):
        assert inspect_journal(tmp_path / f"{number}.db").conversations == 3
