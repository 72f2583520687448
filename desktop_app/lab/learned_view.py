"""What a sweep teaches `auto`, a part for each model: what it saves, and by which rules."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from engine.lab.policy import LearnedPolicy, table_lines
from engine.lab.sentences import saving_words

_APART = 16
"""Pixels between two models."""


class LearnedView(QWidget):
    """Shows the tables that were learned.

    Attributes:
        chosen: (policy, model) `auto` shall follow this table in chat with this model.
    """

    chosen = Signal(object, str)

    def __init__(self) -> None:
        super().__init__()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        self._shown: dict[str, LearnedPolicy] | None = None
        self.show_policies({})

    def show_policies(self, policies: Mapping[str, LearnedPolicy]) -> None:
        """Show the tables of another sweep, by the names of their models."""
        if self._shown == policies:
            return
        self._shown = dict(policies)
        while (item := self._column.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        if not policies:
            self._column.addWidget(
                _label(self.tr("A vote of at least 8 on 20 questions or more teaches auto."))
            )
        for number, (name, learned) in enumerate(policies.items()):
            if number:
                self._column.addSpacing(_APART)
            self._add(name, learned, alone=len(policies) == 1)

    def _add(self, name: str, learned: LearnedPolicy, *, alone: bool) -> None:
        if not alone:
            self._column.addWidget(_label(name, "heading"))
        self._column.addWidget(_label(f"{saving_words(learned)}."))
        rules = " ".join(f"{line[0].upper()}{line[1:]}." for line in table_lines(learned.policy))
        self._column.addWidget(_label(rules, "muted"))
        text = (
            self.tr("Use this policy in chat")
            if alone
            else self.tr("Use with {name}").format(name=name)
        )
        button = QPushButton(text)
        button.setProperty("primary", alone)
        button.clicked.connect(
            lambda _checked=False: self.chosen.emit(learned.policy, learned.model_path)
        )
        self._column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)


def _label(text: str, kind: str = "") -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    if kind:
        label.setProperty(kind, True)
    return label
