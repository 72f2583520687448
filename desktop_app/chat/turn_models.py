"""What turns say of models: which one answered, and whether the loaded one can go on.

It exists so that an answer names its model as the picker does, whatever is loaded and found on the
disk meanwhile. It must not know widgets, and reads no file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from desktop_app.chat.answer import Answer
from desktop_app.chat.going_on import Cut
from desktop_app.chat.turn import GoingOn, TurnView
from desktop_app.engines import model_title
from engine.generation import ModelReport


class TurnModels:
    """Completes turns with what they say of models.

    Args:
        report: What is loaded, or None.
    """

    def __init__(self, report: Callable[[], ModelReport | None]) -> None:
        self._report = report
        self._call: Callable[[Path], str] = model_title
        self._names: dict[Path, str] = {}
        """What models were called when turns were made, which are made often."""

    def call_models(self, name_of: Callable[[Path], str]) -> None:
        """Call the model of a path what `name_of` says; by its file before."""
        self._call = name_of

    def renamed(self) -> bool:
        """Ask anew what models are called, and say whether one is called otherwise."""
        before, self._names = self._names, {path: self._call(path) for path in self._names}
        return self._names != before

    def name_of(self, path: Path) -> str:
        """What people call the model of a path."""
        if path not in self._names:
            self._names[path] = self._call(path)
        return self._names[path]

    def complete(self, turn: TurnView, answer: Answer) -> TurnView:
        """Return an answer's turn with whether the loaded model can go on with it."""
        cut = answer.cut
        return replace(turn, going_on=self._going_on(cut)) if cut else turn

    def can_go_on(self, answer: Answer) -> bool:
        """Whether the loaded model can go on with an answer that was cut."""
        cut = answer.cut
        return cut is not None and self._going_on(cut).able

    def _going_on(self, cut: Cut) -> GoingOn:
        report = self._report()
        if report is None:
            return GoingOn(able=False, tip=_tr("Load a model to go on with it"))
        if not report.goes_on:
            return GoingOn(
                able=False,
                tip=_tr("{model} runs on a server that takes no unfinished answer").format(
                    model=self.name_of(Path(report.path))
                ),
            )
        if cut.context_tokens and cut.context_tokens >= report.context_tokens:
            return GoingOn(able=False, tip=_tr("The context is full: a longer one has room for it"))
        if report.path == cut.model_path or not cut.model_path:
            return GoingOn(able=True, tip=_tr("Go on where it breaks off; it is kept as a version"))
        return GoingOn(
            able=True,
            tip=_tr("{model} goes on where {other} broke off; it is kept as a version").format(
                model=self.name_of(Path(report.path)), other=self.name_of(Path(cut.model_path))
            ),
        )


def _tr(text: str) -> str:
    return QCoreApplication.translate("TurnModels", text)
