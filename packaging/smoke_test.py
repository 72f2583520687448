"""Installs the Debian package into a clean Debian and uses it there: ``make smoke``.

Install, serve the API and ask it as an engine elsewhere, start the window under Xvfb, ask the
built-in model by the keyboard, find the verdict in the person's journal, quit by the keyboard with
status 0, remove the package, and find the person's data still there. Needs root, debootstrap, and
an archive of Debian packages that answers.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import clean_root
import virtual_screen
from clean_root import CleanRoot
from progress import SetupError, say
from system_libraries import install_packages
from virtual_screen import NotSeenError, Screen

ROOT = Path(__file__).resolve().parent.parent
QUESTION, ANSWER = "What is 7 times 8 plus 5?", "61"
COMPOSER = (0.42, 0.87)
"""Where a question is written, in parts of the screen."""
TRY_SECONDS = 20.0
WINDOW_SECONDS, ANSWER_SECONDS, QUIT_SECONDS = 60.0, 120.0, 30.0
JOURNAL = Path(".local/share/Ponder/journal.db")
SETTINGS = Path(".config/Ponder/settings.toml")

Found = TypeVar("Found")


def missing_needs(deb: Path | None) -> str:
    """Return why the test cannot run here, or ""."""
    if deb is None:
        return "no package in dist: run make package"
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        return "a clean system can be made by root only"
    wanted = {**clean_root.TOOLS, **virtual_screen.TOOLS}
    missing = [package for tool, package in wanted.items() if shutil.which(tool) is None]
    return f"missing: {' '.join(missing)}" if missing else ""


def newest_package(folder: Path) -> Path | None:
    """Return the newest Debian package in a folder, or None."""
    found = sorted(folder.glob("ponder_*.deb"), key=lambda path: path.stat().st_mtime)
    return found[-1] if found else None


def read_verdict(journal: Path) -> dict[str, object] | None:
    """Return the verdict in a journal, or None while there is none."""
    if not journal.exists():
        return None
    try:
        connection = sqlite3.connect(f"file:{journal}?mode=ro", uri=True)
        try:
            row = connection.execute(
                "select verdict from deliberations where status = 'finished'"
            ).fetchone()
        finally:
            connection.close()
    except sqlite3.OperationalError:  # not written yet
        return None
    return json.loads(row[0]) if row and row[0] else None


def wait_for(what: str, look: Callable[[], Found | None], seconds: float) -> Found:
    """Look until there is something.

    Raises:
        NotSeenError: There was nothing in time.
    """
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if (found := look()) is not None:
            return found
        time.sleep(0.2)
    raise NotSeenError(f"{what} not seen within {seconds:.0f} s")


def check(what: str, *, holds: bool) -> None:
    """Say that something holds.

    Raises:
        NotSeenError: It does not.
    """
    if not holds:
        raise NotSeenError(what)
    say(f"  yes: {what}")


def ask(screen: Screen, journal: Path) -> dict[str, object]:
    """Choose the built-in model, type the question, and return the verdict.

    Raises:
        NotSeenError: There was none in time.
    """
    screen.press("Return")  # the welcome page's first button, "Start with the built-in model"
    for _ in range(int(ANSWER_SECONDS / TRY_SECONDS)):
        time.sleep(2)  # until the model is loaded, the composer takes no question
        screen.click(*COMPOSER)
        screen.press("ctrl+a")
        screen.type(QUESTION)
        screen.press("Return")
        try:
            return wait_for("a verdict", lambda: read_verdict(journal), TRY_SECONDS)
        except NotSeenError:
            continue
    raise NotSeenError(f"no verdict within {ANSWER_SECONDS:.0f} s")


def use_window(root: CleanRoot, screen: Screen, pictures: Path) -> None:
    """Ask a question in the window, wait for its verdict, look at the lab, quit.

    Raises:
        NotSeenError: Something did not happen.
    """
    started = time.monotonic()
    ponder = root.start(["ponder"], screen.display)
    try:
        window = screen.window("^Ponder", WINDOW_SECONDS)
        say(f"  window after {time.monotonic() - started:.1f} s")
        screen.focus(window)
        wait_for("the journal", lambda: (root.home / JOURNAL).exists() or None, WINDOW_SECONDS)
        time.sleep(2)
        screen.picture(pictures / "start.png")
        verdict = ask(screen, root.home / JOURNAL)
        say(f"  verdict: {json.dumps(verdict)[:300]}")
        time.sleep(1)
        screen.picture(pictures / "answer.png")
        check(f"the answer is {ANSWER}", holds=f'"{ANSWER}"' in json.dumps(verdict))
        screen.press("ctrl+shift+l")
        screen.window("Lab", WINDOW_SECONDS)
        time.sleep(1)
        screen.picture(pictures / "lab.png")
        screen.press("Escape")
        screen.focus(window)
        screen.press("ctrl+q")
        output, _ = ponder.communicate(timeout=QUIT_SECONDS)
    except BaseException:
        screen.picture(pictures / "failed.png")
        ponder.kill()
        output, _ = ponder.communicate()
        say(f"  the window said: {output[-2000:] or 'nothing'}")
        raise
    check(
        f"quitting ends with status 0 (it said: {output.strip() or 'nothing'})",
        holds=ponder.returncode == 0,
    )


def use_terminal(root: CleanRoot) -> None:
    """Run the commands of the terminal.

    Raises:
        NotSeenError: One of them failed.
    """
    for words in (["ponder", "doctor"], ["ponder", "ask", QUESTION, "--samples", "2"]):
        command = root.start(words)
        output, _ = command.communicate(timeout=ANSWER_SECONDS)
        print(output)
        check(f"{' '.join(words[:2])} ends with status 0", holds=command.returncode == 0)
    check("the terminal answers as well", holds=ANSWER in output)


def address_in(line: str) -> str | None:
    """Return the API's address if this line of `ponder serve` says it."""
    found = re.search(r" answers at (http://\S+)", line)
    return found[1] if found else None


def use_api(root: CleanRoot) -> None:
    """Serve the built-in model, and ask it as an engine elsewhere.

    Raises:
        NotSeenError: The API says no address, gives no answer, or does not end well.
    """
    server = root.start(["ponder", "serve", "--port", "0"])
    silence = threading.Timer(ANSWER_SECONDS, server.kill)
    silence.start()
    try:
        lines = server.stdout or ()
        address = next((found for line in lines if (found := address_in(line))), "")
        check(f"ponder serve answers at {address or 'no address'}", holds=bool(address))
        for words in (["engines", "add", "me", address], ["ask", "--model", "me", QUESTION]):
            command = root.start(["ponder", *words])
            output, _ = command.communicate(timeout=ANSWER_SECONDS)
            print(output)
            check(f"ponder {words[0]} ends with status 0", holds=command.returncode == 0)
        check("an engine elsewhere answers", holds=ANSWER in output)
        server.terminate()
        server.communicate(timeout=QUIT_SECONDS)
        check("ponder serve ends with status 0", holds=server.returncode == 0)
    finally:
        silence.cancel()
        server.kill()
        server.communicate()


def run(deb: Path, folder: Path, pictures: Path, *, kept: bool) -> None:
    """Do all of it.

    Raises:
        NotSeenError: Something is not as it should be.
        SetupError: A tool failed.
    """
    pictures.mkdir(parents=True, exist_ok=True)
    with CleanRoot(folder, ROOT / ".cache" / "smoke.log", kept=kept) as root:
        shutil.copyfile(deb, root.folder / "ponder.deb")
        root.run("apt-get", "update")
        root.run(
            "apt-get", "install", "--yes", "--no-install-recommends", "--reinstall", "/ponder.deb"
        )
        use_terminal(root)
        use_api(root)
        shutil.rmtree(root.home / ".local", ignore_errors=True)
        with Screen() as screen:
            use_window(root, screen, pictures)
        before = {name: (root.home / name).read_bytes() for name in (JOURNAL, SETTINGS)}
        root.run("apt-get", "purge", "--yes", "ponder")
        check("the program is gone", holds=not (root.folder / "usr/bin/ponder").is_symlink())
        check("so is its folder", holds=not (root.folder / "usr/lib/ponder").exists())
        after = {name: (root.home / name).read_bytes() for name in before}
        check("conversations and settings are untouched", holds=before == after)


def main() -> int:
    """Read the command line and test; return the exit status."""
    parser = argparse.ArgumentParser(description="Install the package into a clean Debian; use it.")
    parser.add_argument("--deb", type=Path, default=newest_package(ROOT / "dist"))
    parser.add_argument("--root", type=Path, help="where the clean system is made, and kept")
    parser.add_argument("--pictures", type=Path, default=ROOT / "build" / "smoke")
    chosen = parser.parse_args()
    try:
        lacking = missing_needs(chosen.deb)
        if lacking.startswith("missing: "):
            install_packages(
                lacking.removeprefix("missing: ").split(), ROOT / ".cache" / "smoke.log"
            )
            lacking = missing_needs(chosen.deb)
        if lacking:
            print(f"The package cannot be tested here: {lacking}", file=sys.stderr)
            return 2
        place = chosen.root or Path(tempfile.mkdtemp(prefix="ponder-smoke-"))
        run(chosen.deb, place.absolute(), chosen.pictures, kept=chosen.root is not None)
    except (NotSeenError, SetupError, subprocess.SubprocessError) as error:
        print(f"\nThe package does not work: {error}", file=sys.stderr)
        return 1
    say("The package works.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
