"""Colours, fonts and the one application style sheet, light and dark.

One accent colour; beyond it, colour means one thing only: which vote group. Contrast of text is at
least WCAG AA, of group colours at least 3:1 against the panel (tested).
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache
from typing import Final, Literal

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

ThemeChoice = Literal["system", "light", "dark"]

BASE_PIXELS: Final = 14
ZOOM_STEPS: Final = (0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0)


@dataclass(frozen=True, slots=True)
class Theme:
    """Named colours, as hex strings.

    Attributes:
        groups: Colours of vote groups in order of first appearance.
        none_group: Colour of the "no answer" group.
        dark: Whether this is the dark one.
    """

    window: str
    panel: str
    sidebar: str
    hairline: str
    text: str
    muted: str
    accent: str
    accent_wash: str
    accent_text: str
    groups: tuple[str, ...]
    none_group: str
    good: str
    warning: str
    code_background: str
    user_bubble: str
    dark: bool

    def group(self, number: int) -> str:
        """The colour of the n-th vote group; they repeat after the last."""
        return self.groups[number % len(self.groups)]


LIGHT: Final = Theme(
    window="#FAFAF8",
    panel="#FFFFFF",
    sidebar="#F2F1ED",
    hairline="#E3E1DB",
    text="#1F2328",
    muted="#63676E",
    accent="#3257D3",
    accent_wash="#E8EDFC",
    accent_text="#FFFFFF",
    groups=(
        "#3257D3",
        "#C77B1E",
        "#12857A",
        "#B03A7C",
        "#6B7A12",
        "#7A4BC2",
        "#A34A2A",
        "#2B87B8",
    ),
    none_group="#8A8F98",
    good="#2E7D4F",
    warning="#B3452F",
    code_background="#F2F1ED",
    user_bubble="#F2F1ED",
    dark=False,
)
DARK: Final = Theme(
    window="#17191D",
    panel="#1E2126",
    sidebar="#14161A",
    hairline="#2C3037",
    text="#E7E9EC",
    muted="#9AA0A8",
    accent="#7F9CF5",
    accent_wash="#252C45",
    accent_text="#10131C",
    groups=(
        "#7F9CF5",
        "#E0A458",
        "#4FC3B3",
        "#E07FB4",
        "#B8C65A",
        "#B794F0",
        "#E08A6A",
        "#6FC1E8",
    ),
    none_group="#7C828B",
    good="#6FBF8B",
    warning="#E58A73",
    code_background="#14161A",
    user_bubble="#252A31",
    dark=True,
)


class ThemeChanges(QObject):
    """Tells when colours or zoom have changed."""

    changed = Signal()


@dataclass(slots=True)
class _State:
    choice: ThemeChoice = "system"
    zoom: float = 1.0
    applied: bool = False


_state = _State()


@cache
def theme_changes() -> ThemeChanges:
    """The one object that tells about changes."""
    return ThemeChanges()


def current_theme() -> Theme:
    """The theme in use: the person's choice, or what the platform prefers."""
    if _state.choice != "system":
        return DARK if _state.choice == "dark" else LIGHT
    hints = QGuiApplication.styleHints() if QGuiApplication.instance() else None
    dark = hints is not None and hints.colorScheme() == Qt.ColorScheme.Dark
    return DARK if dark else LIGHT


def set_theme_choice(choice: ThemeChoice) -> None:
    """Choose light, dark or the platform's preference."""
    _state.choice = choice
    _refresh()


def zoom() -> float:
    """The text size as a factor of the base size."""
    return _state.zoom


def set_zoom(factor: float) -> None:
    """Change the text size; clamped to the smallest and largest step."""
    _state.zoom = min(max(factor, ZOOM_STEPS[0]), ZOOM_STEPS[-1])
    _refresh()


def pixels(size: float) -> int:
    """A text size in pixels at the present zoom."""
    return max(1, round(size * _state.zoom))


def numeric_font(base: QFont) -> QFont:
    """The same font with figures of equal width, for numbers that change in place."""
    font = QFont(base)
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


def apply_theme(app: QApplication) -> None:
    """Dress the application; follows the platform's light and dark from then on."""
    if not _state.applied:
        _state.applied = True
        app.setStyle("Fusion")
        app.styleHints().colorSchemeChanged.connect(_refresh)
    theme = current_theme()
    font = QFont(app.font())
    font.setPixelSize(pixels(BASE_PIXELS))
    app.setFont(font)
    app.setPalette(_palette(theme))
    app.setStyleSheet(_style_sheet(theme))


def _refresh() -> None:
    app = QApplication.instance()
    if isinstance(app, QApplication) and _state.applied:
        apply_theme(app)
    theme_changes().changed.emit()


def _palette(theme: Theme) -> QPalette:
    palette = QPalette()
    role = QPalette.ColorRole
    for which, colour in (
        (role.Window, theme.window),
        (role.WindowText, theme.text),
        (role.Base, theme.panel),
        (role.AlternateBase, theme.sidebar),
        (role.Text, theme.text),
        (role.Button, theme.panel),
        (role.ButtonText, theme.text),
        (role.ToolTipBase, theme.panel),
        (role.ToolTipText, theme.text),
        (role.PlaceholderText, theme.muted),
        (role.Highlight, theme.accent),
        (role.HighlightedText, theme.accent_text),
        (role.Link, theme.accent),
        (role.Mid, theme.hairline),
    ):
        palette.setColor(which, QColor(colour))
    disabled = QPalette.ColorGroup.Disabled
    for which in (role.Text, role.ButtonText, role.WindowText):
        palette.setColor(disabled, which, QColor(theme.muted))
    return palette


_STYLE = """
QWidget { color: $text; }
QToolTip { color: $text; background: $panel; border: 1px solid $hairline; padding: 4px 8px; }
QPushButton, QToolButton[bordered="true"] {
    background: $panel; border: 1px solid $hairline; border-radius: 8px; padding: 6px 12px; }
QPushButton:hover, QToolButton[bordered="true"]:hover { background: $accent_wash; }
QPushButton:pressed { background: $hairline; }
QPushButton:disabled { color: $muted; background: $window; }
QPushButton:focus, QToolButton:focus, QComboBox:focus, QLineEdit:focus, QSpinBox:focus,
QDoubleSpinBox:focus, QPlainTextEdit:focus, QListView:focus { border: 1px solid $accent; }
QPushButton[primary="true"] {
    background: $accent; color: $accent_text; border: 1px solid $accent; font-weight: 600; }
QPushButton[primary="true"]:hover { background: $accent; }
QPushButton[primary="true"]:focus { border: 2px solid $text; padding: 5px 11px; }
QPushButton[primary="true"]:disabled {
    background: $hairline; color: $muted; border-color: $hairline; }
QPushButton[flat="true"], QToolButton { background: transparent; border: 1px solid transparent;
    border-radius: 8px; padding: 4px 8px; }
QPushButton[flat="true"]:hover, QToolButton:hover { background: $accent_wash; }
QToolButton::menu-indicator { image: none; }
QLineEdit, QComboBox, QSpinBox, QDoubleSpinBox, QPlainTextEdit, QTextEdit {
    background: $panel; border: 1px solid $hairline; border-radius: 8px; padding: 5px 8px;
    selection-background-color: $accent; selection-color: $accent_text; }
QComboBox[quiet="true"] { background: transparent; border: 1px solid transparent; padding: 1px 4px;
    color: $muted; }
QComboBox[quiet="true"]:hover, QComboBox[quiet="true"]:focus { border-color: $hairline; }
#deliberation-panel, #deliberation-body { background: $panel; }
QComboBox::drop-down { border: none; width: 20px; }
QComboBox QAbstractItemView, QMenu {
    background: $panel; border: 1px solid $hairline; border-radius: 8px; padding: 4px; }
QMenu::item { padding: 6px 20px 6px 12px; border-radius: 6px; }
QMenu::item:selected { background: $accent_wash; color: $text; }
QMenu::item:disabled { color: $muted; }
QMenu::separator { height: 1px; background: $hairline; margin: 4px 8px; }
QScrollArea { border: none; background: transparent; }
QSplitter::handle { background: $hairline; }
QScrollBar:vertical { background: transparent; width: 12px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 0; }
QScrollBar::handle { background: $hairline; border-radius: 4px; margin: 2px;
    min-height: 32px; min-width: 32px; }
QScrollBar::handle:hover { background: $muted; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QProgressBar { background: $hairline; border: none; border-radius: 3px; max-height: 6px; }
QProgressBar::chunk { background: $accent; border-radius: 3px; }
QTabWidget::pane { border: none; }
QTabBar::tab { padding: 8px 12px; border: none; color: $muted; }
QTabBar::tab:selected { color: $text; border-bottom: 2px solid $accent; }
QLabel[muted="true"] { color: $muted; }
QLabel[heading="true"] { font-weight: 600; }
"""


def _style_sheet(theme: Theme) -> str:
    sheet = _STYLE
    names = sorted((field.name for field in fields(Theme)), key=len, reverse=True)
    for name in names:
        value = getattr(theme, name)
        if isinstance(value, str):
            sheet = sheet.replace(f"${name}", value)
    return sheet
