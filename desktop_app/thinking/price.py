"""The price of the chosen budget, learned from what earlier answers took on this machine."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from desktop_app.quantities import format_energy, format_seconds
from desktop_app.theme import numeric_font


class PriceLabel(QWidget):
    """Shows "≈ 17 s · 4.2 kJ" over "up to 16 samples"."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._price = QLabel(self)
        self._price.setProperty("heading", True)
        self._price.setFont(numeric_font(self._price.font()))
        self._spend = QLabel(self)
        self._spend.setProperty("muted", True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self._price)
        layout.addWidget(self._spend)
        self.setAccessibleName(self.tr("Expected price"))

    @property
    def text(self) -> str:
        """The price alone, as shown."""
        return self._price.text()

    def set_prediction(
        self,
        seconds: float | None,
        joules: float | None,
        attempts: int,
        unit: str,
        from_answers: int,
    ) -> None:
        """Show an expected price.

        Args:
            seconds: Expected time, or None when not measured yet.
            joules: Expected energy, or None when not available.
            attempts: The chosen number.
            unit: "samples" or "rounds".
            from_answers: How many measured answers the price rests on.
        """
        if seconds is None:
            self._price.setText(self.tr("not measured yet"))
        elif joules is None:
            self._price.setText(f"≈ {format_seconds(seconds)}")
        else:
            self._price.setText(f"≈ {format_seconds(seconds)} · {format_energy(joules)}")
        if attempts == 1:
            spend = self.tr("one answer")
        elif unit == "rounds":
            spend = self.tr("up to %n round(s)", "", attempts)
        else:
            spend = self.tr("up to %n sample(s)", "", attempts)
        self._spend.setText(spend.replace("(s)", "s"))
        tip = self.tr("Median of %n measured answer(s) of this model here.", "", from_answers)
        self.setToolTip(tip.replace("(s)", "s") if from_answers else "")
        self.setAccessibleDescription(f"{self._price.text()}, {self._spend.text()}")
