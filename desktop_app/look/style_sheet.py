"""The one application style sheet, over Qt's Fusion style.

Radius 6 to 8, spacing in steps of 4. A control that has the focus shows it by a ring of two pixels,
and nothing moves when it gets it. It must not know where colours come from.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from desktop_app.icons import ICON_FOLDER

_STYLE = """
QWidget { color: $text; }
QToolTip { color: $text; background: $panel; border: 1px solid $hairline; padding: 4px 8px; }
QPushButton, QToolButton[bordered="true"] {
    background: $panel; border: 1px solid $hairline; border-radius: 8px; padding: 6px 12px; }
QPushButton, QToolButton, QCheckBox, QTabBar, QAbstractItemView { outline: none; }
QPushButton:hover, QToolButton[bordered="true"]:hover { background: $accent_wash; }
QPushButton:pressed { background: $hairline; }
QPushButton:disabled { color: $muted; background: $window; }
QPushButton:focus, QToolButton[bordered="true"]:focus {
    border: 2px solid $accent; padding: 5px 11px; }
QPushButton[primary="true"] {
    background: $accent; color: $accent_text; border: 1px solid $accent; font-weight: 600; }
QPushButton[primary="true"]:hover { background: $accent; }
QPushButton[primary="true"]:focus { border: 2px solid $text; padding: 5px 11px; }
QPushButton[primary="true"]:disabled {
    background: $hairline; color: $muted; border-color: $hairline; }
QPushButton[flat="true"], QToolButton { background: transparent; border: 1px solid transparent;
    border-radius: 8px; padding: 4px 8px; }
QPushButton[flat="true"]:hover, QToolButton:hover { background: $accent_wash; }
QPushButton[flat="true"]:focus, QToolButton:focus { border: 2px solid $accent; padding: 3px 7px; }
QToolButton[quiet="true"] { color: $muted; padding: 1px 0 1px 4px; border-radius: 6px; }
QToolButton[quiet="true"]:focus { padding: 0 0 0 3px; }
QToolButton::menu-indicator { image: none; }
QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
QDialogButtonBox QPushButton:default:enabled {
    background: $accent; color: $accent_text; border: 1px solid $accent; font-weight: 600; }
QDialogButtonBox QPushButton:default:focus { border: 2px solid $text; padding: 5px 11px; }
QLineEdit, QComboBox, QPlainTextEdit, QTextEdit {
    background: $panel; border: 1px solid $hairline; border-radius: 8px; padding: 5px 8px;
    selection-background-color: $accent; selection-color: $accent_text; }
QLineEdit, QPlainTextEdit, QTextEdit { placeholder-text-color: $muted; }
QLineEdit:focus, QComboBox:focus, QPlainTextEdit:focus, QTextEdit:focus {
    border: 2px solid $accent; padding: 4px 7px; }
QLineEdit:disabled, QComboBox:disabled {
    color: $muted; background: $window; }
QComboBox { padding-right: 4px; combobox-popup: 0; }
QComboBox:focus { padding-right: 3px; }
QComboBox::drop-down { subcontrol-position: center right; border: none; width: $24px; }
QComboBox::down-arrow { image: url("$icons/arrow-down.svg"); width: $12px; height: $12px; }
QSpinBox, QDoubleSpinBox {
    background: $panel; border: 1px solid $hairline; border-radius: 8px; padding: 3px 0 4px 0;
    selection-background-color: $accent; selection-color: $accent_text; }
QSpinBox:focus, QDoubleSpinBox:focus {
    border: 2px solid $accent; padding: 2px 0 3px 0; }
QSpinBox:disabled, QDoubleSpinBox:disabled { color: $muted; background: $window; }
QSpinBox::up-button, QDoubleSpinBox::up-button {
    subcontrol-position: top right; border: none; background: transparent; width: $20px; }
QSpinBox::down-button, QDoubleSpinBox::down-button {
    subcontrol-position: bottom right; border: none; background: transparent; width: $20px; }
QSpinBox::up-arrow, QDoubleSpinBox::up-arrow {
    image: url("$icons/arrow-up.svg"); width: $10px; height: $10px; }
QSpinBox::down-arrow, QDoubleSpinBox::down-arrow {
    image: url("$icons/arrow-down.svg"); width: $10px; height: $10px; }
QLineEdit[plain="true"] { background: transparent; border: none; padding: 0; margin: 0; }
QLineEdit[plain="true"][muted="true"] { color: $muted; }
QCheckBox { border: 2px solid transparent; border-radius: 6px; padding: 2px; spacing: 8px; }
QCheckBox:focus { border-color: $accent; }
QCheckBox::indicator { width: $14px; height: $14px; border: 1px solid $muted; border-radius: 4px;
    background: $panel; }
QCheckBox::indicator:checked { background: $accent; border-color: $accent;
    image: url("$icons/$tick.svg"); }
QCheckBox::indicator:disabled { border-color: $hairline; background: $window; }
QCheckBox:disabled { color: $muted; }
#deliberation-panel { background: $panel; }
QComboBoxPrivateContainer, QMenu {
    background: $panel; border: 1px solid $hairline; border-radius: 8px; padding: 4px; }
QComboBox QAbstractItemView { background: transparent; border: none; padding: 0; }
QComboBox QAbstractItemView::item { padding: 6px 8px; border-radius: 6px; }
QComboBox QAbstractItemView::item:selected { background: $accent_wash; color: $text; }
QMenu::item { padding: 6px 20px 6px 12px; border-radius: 6px; }
QMenu::item:selected { background: $accent_wash; color: $text; }
QMenu::item:disabled { color: $muted; }
QMenu::separator { height: 1px; background: $hairline; margin: 4px 8px; }
QListWidget { background: $panel; border: 1px solid $hairline; border-radius: 8px; padding: 4px; }
QListWidget:focus { border-color: $accent; }
QListWidget::item:selected { background: $accent_wash; color: $text; }
#pageNames { background: transparent; border: none; padding: 0; }
#pageNames::item { padding: 6px 12px; border: 2px solid transparent; border-radius: 8px; }
#pageNames::item:focus { border-color: $accent; }
QListWidget::indicator { width: $14px; height: $14px; border: 1px solid $muted; border-radius: 4px;
    background: $panel; }
QListWidget::indicator:checked { background: $accent; border-color: $accent;
    image: url("$icons/$tick.svg"); }
QTableView, QTreeView { background: transparent; border: 1px solid transparent;
    border-radius: 8px; selection-background-color: $accent_wash;
    selection-color: $text; }
QTableView:focus, QTreeView:focus { border-color: $accent; }
QTableView::item { padding: 0 3px; }
QHeaderView { background: transparent; }
QHeaderView::section { background: transparent; color: $muted; border: none; padding: 4px 6px;
    border-bottom: 1px solid $hairline; }
RowList { background: $panel; border: 1px solid $hairline; border-radius: 8px; padding: 2px; }
RowList:focus { border-color: $accent; }
QScrollArea { border: none; background: transparent; }
QSplitter::handle { background: $hairline; }
QScrollBar:vertical { background: transparent; width: 12px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 0; }
QScrollBar::handle { background: $hairline; border-radius: 4px; margin: 2px;
    min-height: 32px; min-width: 32px; }
QScrollBar::handle:hover { background: $muted; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QProgressBar { background: $hairline; border: none; border-radius: 3px; max-height: 6px;
    color: transparent; }
QProgressBar::chunk { background: $accent; border-radius: 3px; }
QTabWidget::pane { border: none; }
QTabBar::tab { padding: 8px 12px; border: none; color: $muted; }
QTabBar::tab:selected { color: $text; border-bottom: 2px solid $accent; }
QTabBar::tab:focus { background: $accent_wash; border-radius: 6px; }
QLabel[muted="true"] { color: $muted; }
QLabel[good="true"] { color: $good; }
QLabel[heading="true"] { font-weight: 600; }
"""
_SCALED: Final = re.compile(r"\$(\d+)px")


def style_sheet(colours: Mapping[str, str], *, dark: bool, scale: Callable[[float], int]) -> str:
    """Return the style sheet.

    Args:
        colours: Hex strings by name, for every `$name` in the sheet.
        dark: Whether check marks stand on a light accent.
        scale: Gives the pixels of what grows with the text: arrows and check marks, `$12px`.
    """
    sheet = _SCALED.sub(lambda size: f"{scale(int(size[1]))}px", _STYLE)
    sheet = sheet.replace("$icons", ICON_FOLDER.as_posix())
    sheet = sheet.replace("$tick", "tick-dark" if dark else "tick-light")
    for name in sorted(colours, key=len, reverse=True):  # `$accent` is the start of `$accent_wash`
        sheet = sheet.replace(f"${name}", colours[name])
    return sheet
