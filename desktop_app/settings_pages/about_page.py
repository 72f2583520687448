"""The settings' last page: which version runs, and whether there is a newer one.

Nothing is asked over the network before the button is pressed.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from desktop_app.background import in_background
from desktop_app.deliveries import Deliveries
from desktop_app.updates import Updates, check_for_updates
from desktop_app.versions import installed_version


class AboutPage(QWidget):
    """Version, licence, and the check for a newer version."""

    def __init__(self) -> None:
        super().__init__()
        self._version = installed_version()
        self._deliveries = Deliveries(self._on_failed, self)
        name = QLabel(self.tr("Ponder {version}").format(version=self._version or "").strip())
        name.setProperty("heading", True)
        about = QLabel(
            self.tr(
                "Lets a model on your own computer think longer. Free software under the Apache "
                "License 2.0. Questions and answers stay on this computer, unless you connect to "
                "a server."
            )
        )
        about.setWordWrap(True)
        self.check_button = QPushButton(self.tr("Check for a newer version"))
        self.check_button.setToolTip(
            self.tr("Asks once for the list of releases. Ponder never does so by itself.")
        )
        self.check_button.clicked.connect(self._on_check)
        self.answer = QLabel()
        self.answer.setTextFormat(Qt.TextFormat.PlainText)  # the list of releases is not ours
        self.answer.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.answer.setWordWrap(True)
        self.answer.setProperty("muted", True)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 16)
        column.setSpacing(12)
        column.addWidget(name)
        column.addWidget(about)
        column.addWidget(self.check_button, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.answer)
        column.addStretch(1)

    def _on_check(self) -> None:
        self.check_button.setEnabled(False)
        self.answer.setText(self.tr("Asking…"))
        self._deliveries.deliver(
            in_background(lambda: check_for_updates(self._version), "updates"), self._show
        )

    def _show(self, found: Updates) -> None:
        self.answer.setText(found.text)
        self.check_button.setEnabled(True)

    def _on_failed(self, error: BaseException) -> None:
        self._show(Updates(self.tr("The check failed: {reason}").format(reason=error), failed=True))
