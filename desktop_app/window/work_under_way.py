"""What would stop if Ponder quit now, in numbers and in sentences.

It exists so that a person is asked about real losses only, and in their words. It must not know
widgets, nor where the numbers come from.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from desktop_app.words.quantities import format_count


@dataclass(frozen=True, slots=True)
class WorkUnderWay:
    """What is going on.

    Attributes:
        sweeping: Whether a sweep asks questions; one that was paused does not.
        samples_done: Samples that it has stored.
        samples: Samples of its whole plan, or 0 before that was told.
        thinking: Whether a question of a conversation is thought about.
        waiting: Questions of conversations that wait for that, or for a model.
        downloads: Model files on their way, or waiting for their turn.
        serving: Whether the API is served.
    """

    sweeping: bool = False
    samples_done: int = 0
    samples: int = 0
    thinking: bool = False
    waiting: int = 0
    downloads: int = 0
    serving: bool = False

    def sentences(self) -> list[str]:
        """One sentence for each kind of work; none where nothing would stop."""
        said = []
        if self.sweeping:
            said.append(self._sweep())
        if self.thinking or self.waiting:
            said.append(self._questions())
        if self.downloads == 1:
            said.append(_tr("A model is being downloaded; that goes on at the next start."))
        elif self.downloads:
            said.append(
                _tr("{count} models are being downloaded; that goes on at the next start.").format(
                    count=self.downloads
                )
            )
        if self.serving:
            said.append(_tr("The API is served to programs on this computer."))
        return said

    def _questions(self) -> str:
        waiting = self.waiting
        if not self.thinking:
            one, more = _tr("A question waits."), _tr("{count} questions wait.")
            return one if waiting == 1 else more.format(count=waiting)
        if waiting == 0:
            return _tr("A question is being thought about.")
        if waiting == 1:
            return _tr("A question is being thought about, and another one waits.")
        return _tr("A question is being thought about, and {count} others wait.").format(
            count=waiting
        )

    def _sweep(self) -> str:
        if not self.samples:
            return _tr("A sweep is running; it can be resumed.")
        return _tr("A sweep is running ({done} of {all} samples); it can be resumed.").format(
            done=format_count(self.samples_done), all=format_count(self.samples)
        )


def _tr(text: str) -> str:
    return QCoreApplication.translate("WorkUnderWay", text)
