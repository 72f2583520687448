"""The parts the settings pages are built of: rows, boxes and numbers that may be unset."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QFrame,
    QLabel,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from desktop_app.look.combo_popup import dress_popup

_INDENT: Final = 7
"""Pixels, so that numbers stand below the texts of combo boxes."""


class OptionalNumber(QSpinBox):
    """A whole number whose lowest step means "not set"."""

    def __init__(self, unset: str, most: int, step: int = 1) -> None:
        super().__init__()
        self.setRange(0, most)
        self.setSingleStep(step)
        self.setSpecialValueText(unset)
        self.setGroupSeparatorShown(True)
        indent(self)

    @property
    def number(self) -> int | None:
        """The number, or None."""
        return self.value() or None

    def set_number(self, number: int | None) -> None:
        """Set the number, or None."""
        self.setValue(number or 0)


class FormPage(QWidget):
    """A page with a form on it: names beside the fields, or above them where it is narrow."""

    def __init__(self) -> None:
        super().__init__()
        self.form = QFormLayout(self)
        self.form.setContentsMargins(8, 0, 8, 16)
        self.form.setHorizontalSpacing(20)
        self.form.setVerticalSpacing(12)
        self.form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)

    @override
    def minimumSizeHint(self) -> QSize:
        """As narrow as the widest field or name."""
        margins = self.form.contentsMargins()
        width = max(self._widths(), default=0) + margins.left() + margins.right()
        return QSize(width, super().minimumSizeHint().height())

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        margins, spacing = self.form.contentsMargins(), self.form.horizontalSpacing()
        needed = sum(self._widths()) + margins.left() + margins.right() + spacing
        policy = QFormLayout.RowWrapPolicy
        wanted = policy.WrapAllRows if self.width() < needed else policy.DontWrapRows
        if self.form.rowWrapPolicy() != wanted:
            self.form.setRowWrapPolicy(wanted)

    def _widths(self) -> tuple[int, int]:
        """Of the longest name and the widest field."""
        role = QFormLayout.ItemRole
        names = [self.form.itemAt(row, role.LabelRole) for row in range(self.form.rowCount())]
        fields = [self.form.itemAt(row, role.FieldRole) for row in range(self.form.rowCount())]
        return (
            max((item.sizeHint().width() for item in names if item), default=0),
            max((item.minimumSize().width() for item in fields if item), default=0),
        )


def form_page() -> tuple[QWidget, QFormLayout]:
    """A page with a form on it."""
    page = FormPage()
    return page, page.form


def row(
    form: QFormLayout, name: str, field: QWidget, tip: str = "", *, in_sight: bool = False
) -> None:
    """Add a field with its name, which a screen reader says too.

    Args:
        form: Where it goes.
        name: Beside the field.
        field: What is edited.
        tip: What it does.
        in_sight: Whether the tip stands below the field, because the name alone says too little.
    """
    field.setAccessibleName(name)
    field.setAccessibleDescription(tip)
    field.setToolTip(tip)
    shown = _explained(field, tip) if in_sight else field
    form.addRow(name, shown)
    if (label := form.labelForField(shown)) is not None:
        label.setToolTip(tip)


def _explained(field: QWidget, text: str) -> QWidget:
    """A field with a quiet line below it."""
    words = QLabel(text)
    words.setWordWrap(True)
    words.setProperty("muted", True)
    words.setIndent(_INDENT)
    both = QWidget()
    column = QVBoxLayout(both)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(2)
    column.addWidget(field)
    column.addWidget(words)
    return both


def scrolled(page: QWidget) -> QScrollArea:
    """A page that scrolls where it does not fit."""
    scroll = QScrollArea()
    scroll.setWidget(page)
    scroll.setWidgetResizable(True)
    scroll.setFrameShape(QFrame.Shape.NoFrame)
    scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return scroll


def choice(entries: tuple[tuple[str, str], ...], name: str) -> QComboBox:
    """A box of entries: value and text."""
    box = QComboBox()
    dress_popup(box)
    box.setAccessibleName(name)
    for value, text in entries:
        box.addItem(text, value)
    return box


def select(box: QComboBox, value: object) -> None:
    """Choose the entry of a value, else the first."""
    box.setCurrentIndex(max(0, box.findData(value)))


def decimal(least: float, most: float, step: float) -> QDoubleSpinBox:
    """A number with two decimals."""
    box = QDoubleSpinBox()
    box.setRange(least, most)
    box.setSingleStep(step)
    box.setDecimals(2)
    indent(box)
    return box


def whole(least: int, most: int) -> QSpinBox:
    """A number without decimals."""
    box = QSpinBox()
    box.setRange(least, most)
    indent(box)
    return box


def indent(box: QAbstractSpinBox) -> None:
    """Begin a number where other fields begin their text.

    A style sheet cannot: with a border, Qt 6.12 ignores the padding on a spin box's left.
    """
    box.lineEdit().setTextMargins(_INDENT, 0, 0, 0)
