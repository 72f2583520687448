"""The field that asks what electricity costs: a price and the sign of its currency."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QLineEdit, QWidget

from desktop_app.settings import MOST_CURRENCY, Electricity
from desktop_app.settings_pages.settings_form import decimal

_MOST: Final = 10_000.0
_DIGITS: Final = 4
_SIGN_CHARACTERS: Final = 6


class ElectricityField(QWidget):
    """Edits `Electricity`; a price of 0 tells no costs."""

    def __init__(self) -> None:
        super().__init__()
        self._kept = Electricity()
        self._price: QDoubleSpinBox = decimal(0.0, _MOST, 0.01)
        self._price.setDecimals(_DIGITS)
        self._price.setSpecialValueText(self.tr("no price"))
        self._price.setAccessibleName(self.tr("Price of a kilowatt-hour"))
        self._currency = QLineEdit()
        self._currency.setMaxLength(MOST_CURRENCY)
        self._currency.setAccessibleName(self.tr("Currency"))
        self._currency.setPlaceholderText("€")
        self._currency.setToolTip(self.tr("The currency's sign"))
        self._currency.setFixedWidth(
            self._currency.fontMetrics().averageCharWidth() * _SIGN_CHARACTERS + 24
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._price, 1)
        row.addWidget(self._currency)
        self.setFocusProxy(self._price)

    @property
    def electricity(self) -> Electricity:
        """What the field says; what was there before where nobody changed it."""
        price = round(self._price.value(), _DIGITS)
        before = round(self._kept.price or 0.0, _DIGITS)
        if price == before and self._sign == self._shown_sign(self._kept):
            return self._kept
        return Electricity(price or None, self._sign)

    def show_electricity(self, electricity: Electricity) -> None:
        """Show other ones."""
        self._kept = electricity
        self._price.setValue(electricity.price or 0.0)
        self._currency.setText(self._shown_sign(electricity))

    @property
    def _sign(self) -> str:
        return self._currency.text().strip()

    @staticmethod
    def _shown_sign(electricity: Electricity) -> str:
        """Its currency; before there is a price, that of this place."""
        unknown = electricity.price is None and not electricity.currency
        return QLocale.system().currencySymbol() if unknown else electricity.currency
