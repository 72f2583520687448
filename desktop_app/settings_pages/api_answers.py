"""The line of the settings that says how many answers of the API are kept, and deletes them."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Protocol

from PySide6.QtWidgets import QHBoxLayout, QLabel, QMessageBox, QPushButton, QWidget

from desktop_app.deliveries import Deliveries
from desktop_app.words.quantities import counted


class KeptAnswers(Protocol):
    """What keeps them: the journal."""

    def count_apart(self) -> Future[int]:
        """How many answers are kept that belong to no conversation."""

    def delete_apart(self) -> Future[int]:
        """Delete them for good, and return how many there were."""


class ApiAnswers(QWidget):
    """Counts the answers of the API and offers to delete them.

    Args:
        kept: What keeps them.
    """

    def __init__(self, kept: KeptAnswers) -> None:
        super().__init__()
        self._kept = kept
        self._deliveries = Deliveries(self._on_failed, self)
        self.count = QLabel()
        self.count.setProperty("muted", True)
        self.delete_button = QPushButton(self.tr("Delete…"))
        self.delete_button.setAccessibleName(self.tr("Delete the answers of the API"))
        self.delete_button.setEnabled(False)
        self.delete_button.clicked.connect(self._on_delete)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.count, 1)
        row.addWidget(self.delete_button)
        self._deliveries.deliver(kept.count_apart(), self._show)

    def _show(self, count: int) -> None:
        answers = counted(count, "answer")
        self.count.setText(
            self.tr("{answers} kept, with their texts").format(answers=answers)
            if count
            else self.tr("none kept")
        )
        self.delete_button.setEnabled(count > 0)

    def _on_delete(self) -> None:
        """Count anew, as others may have come meanwhile, and ask."""
        self.delete_button.setEnabled(False)
        self._deliveries.deliver(self._kept.count_apart(), self._ask)

    def _ask(self, count: int) -> None:
        self._show(count)
        if not count:
            return
        said = QMessageBox.question(
            self,
            self.tr("Delete the answers of the API?"),
            self.tr(
                "{answers} and what they measured are forgotten for good. Conversations stay."
            ).format(answers=counted(count, "answer")),
        )
        if said is QMessageBox.StandardButton.Yes:
            self.delete_button.setEnabled(False)
            self._deliveries.deliver(
                self._kept.delete_apart(),
                lambda _gone: self._deliveries.deliver(self._kept.count_apart(), self._show),
            )

    def _on_failed(self, error: BaseException) -> None:
        self.count.setText(self.tr("The journal failed: {reason}").format(reason=error))
