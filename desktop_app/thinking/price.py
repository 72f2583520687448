"""The price of the chosen budget, learned from what earlier answers took on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from desktop_app.look.theme import numeric_font
from desktop_app.words.quantities import format_about_seconds, format_energy
from desktop_app.words.strategy_text import UNITS, unit_text
from engine.budget import NOTCHES

if TYPE_CHECKING:  # keeps SQLite out of the window's start
    from engine.journal.cost import Prediction

_USUAL: Final = "≈ 99 s · 99.9 kJ"


class PriceLabel(QWidget):
    """Shows "≈ 17 s · 4.2 kJ" over "up to 16 samples"."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._elsewhere = False
        self._limit: float | None = None
        self._price = QLabel(self)
        self._price.setProperty("heading", True)
        self._price.setFont(numeric_font(self._price.font()))
        self._spend = QLabel(self)
        self._spend.setProperty("muted", True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addStretch(1)
        layout.addWidget(self._price)
        layout.addWidget(self._spend)
        layout.addStretch(1)
        self.setAccessibleName(self.tr("Expected price"))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Room for an ordinary price of any budget, so that nothing moves with the figures."""
        hint = super().minimumSizeHint()
        usual = self._price.fontMetrics().horizontalAdvance(_USUAL)
        most = NOTCHES[-1].attempts
        spends = (self._spends(unit, most) for unit in UNITS.values())
        budget = max(map(self._spend.fontMetrics().horizontalAdvance, spends))
        return QSize(max(hint.width(), usual, budget), hint.height())

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """See `minimumSizeHint`."""
        return self.minimumSizeHint()

    def set_limit(self, seconds: float | None) -> None:
        """Say how long an answer may take, or None; `set_prediction` writes it."""
        self._limit = seconds
        self.updateGeometry()

    def set_elsewhere(self, *, elsewhere: bool) -> None:
        """Say whether other machines work too; `set_prediction` writes it."""
        self._elsewhere = elsewhere

    @property
    def text(self) -> str:
        """The price alone, as shown."""
        return self._price.text()

    def set_prediction(self, expected: Prediction | None, attempts: int, unit: str) -> None:
        """Show an expected price.

        Args:
            expected: What is predicted, or None when nothing is known of this model.
            attempts: The chosen number.
            unit: What is counted, a value of `strategy_text.UNITS`.
        """
        seconds = joules = None
        if expected is not None:
            seconds, joules = expected.seconds, expected.joules
        if seconds is not None and self._limit is not None and seconds > self._limit:
            joules = joules * self._limit / seconds if joules is not None else None
            seconds = self._limit
        if seconds is None:
            self._price.setText(self.tr("not measured"))
        elif joules is None:
            self._price.setText(f"≈ {format_about_seconds(seconds)}")
        else:
            energy = self.tr("{0} here") if self._elsewhere else "{0}"
            told = energy.format(format_energy(joules))
            self._price.setText(f"≈ {format_about_seconds(seconds)} · {told}")
        spend = self._spends(unit, attempts)
        self._spend.setText(spend)
        known = expected is not None and seconds is not None
        tip = [self._basis(expected.from_answers if expected and known else 0)]
        if expected and known and not expected.reading_known:
            tip.append(self.tr("Reading so long a question comes on top."))
        if self._elsewhere and joules is not None:
            tip.append(self.tr("The energy is that of this computer only."))
        self.setToolTip(" ".join(filter(None, tip)))
        self.setAccessibleDescription(f"{self._price.text()}, {self._spend.text()}")

    def _spends(self, unit: str, attempts: int) -> str:
        """What is spent at most: attempts, and time where it is limited."""
        spends = self.tr("one answer")
        if attempts > 1:
            spends = self.tr("up to {0}").format(unit_text(unit, attempts))
        if self._limit is None:
            return spends
        return self.tr("{0}, {1}").format(spends, format_about_seconds(self._limit))

    def _basis(self, from_answers: int) -> str:
        if not from_answers:
            return self.tr("Learned from the first answers of this model here.")
        if from_answers == 1:
            return self.tr("From 1 measured answer of this model here.")
        return self.tr("From %n measured answers of this model here.", "", from_answers)
