"""Colours, fonts and the one application style sheet, light and dark.

One accent colour; beyond it, colour means one thing only: which vote group. Text has at least the
contrast of WCAG AA, group colours at least 3:1 against the panel, and any two of them stay apart
under the three kinds of dichromacy (all tested). It must not know any widget of ours.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache
from typing import Final, Literal

from PySide6.QtCore import QLocale, QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QIcon, QPalette
from PySide6.QtWidgets import QApplication

from desktop_app.icons import ICON_FOLDER, tinted_icon
from desktop_app.quantities import use_number_marks

ThemeChoice = Literal["system", "light", "dark"]

BASE_PIXELS: Final = 14
ZOOM_STEPS: Final = (0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0)
_GENERIC_FAMILIES: Final = frozenset({"", "sans serif", "sans-serif", "sans", "dejavu sans"})
"""What Qt reports where no desktop has chosen an interface font."""
_INTERFACE_FAMILIES: Final = ("Inter", "Noto Sans", "Cantarell", "Open Sans")


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
        "#8C1450",
        "#8C5AA0",
        "#285078",
        "#BE4650",
        "#5A8CF0",
        "#6E500A",
    ),
    none_group="#8A8F98",
    good="#2B774B",
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
        "#8CE6E6",
        "#BE5A32",
        "#C8DC6E",
        "#00C8AA",
        "#BE78BE",
        "#D2AAE6",
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
    family: str = ""


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
    """Choose light, dark or the platform's preference; title bars follow where they can."""
    _state.choice = choice
    _tell_platform()
    _refresh()


def zoom() -> float:
    """The text size as a factor of the base size."""
    return _state.zoom


def set_zoom(factor: float) -> None:
    """Change the text size; clamped to the smallest and largest step."""
    _state.zoom = min(max(factor, ZOOM_STEPS[0]), ZOOM_STEPS[-1])
    _refresh()


def step_zoom(steps: int) -> None:
    """Change the text size by named steps, up or down; 0 returns to the base size."""
    nearest = min(range(len(ZOOM_STEPS)), key=lambda place: abs(ZOOM_STEPS[place] - _state.zoom))
    wanted = min(max(nearest + steps, 0), len(ZOOM_STEPS) - 1)
    set_zoom(ZOOM_STEPS[wanted] if steps else 1.0)


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
        _tell_platform()
        app.styleHints().colorSchemeChanged.connect(_refresh)
        locale = QLocale()
        use_number_marks(locale.decimalPoint(), locale.groupSeparator())
        _state.family = _interface_family()
    theme = current_theme()
    font = QFont(app.font())
    if _state.family:
        font.setFamily(_state.family)
    font.setPixelSize(pixels(BASE_PIXELS))
    app.setFont(font)
    app.setPalette(_palette(theme))
    app.setStyleSheet(_style_sheet(theme))


def _interface_family() -> str:
    """A font made for interfaces where the platform names none of its own, else ""."""
    platform_family = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont).family()
    if platform_family.casefold() not in _GENERIC_FAMILIES:
        return ""
    installed = set(QFontDatabase.families())
    return next((family for family in _INTERFACE_FAMILIES if family in installed), "")


def _tell_platform() -> None:
    hints = QGuiApplication.styleHints() if QGuiApplication.instance() else None
    if hints is None:
        return
    wanted = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}.get(_state.choice)
    if wanted is None:
        hints.unsetColorScheme()
    else:
        hints.setColorScheme(wanted)


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


# A spin box's number stands in the middle: with a border, Qt 6.12 ignores the padding on its left.
_STYLE = """
QWidget { color: $text; }
QToolTip { color: $text; background: $panel; border: 1px solid $hairline; padding: 4px 8px; }
QPushButton, QToolButton[bordered="true"] {
    background: $panel; border: 1px solid $hairline; border-radius: 8px; padding: 6px 12px; }
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
QLineEdit, QComboBox, QPlainTextEdit, QTextEdit {
    background: $panel; border: 1px solid $hairline; border-radius: 8px; padding: 5px 8px;
    selection-background-color: $accent; selection-color: $accent_text; }
QLineEdit:focus, QComboBox:focus, QPlainTextEdit:focus, QTextEdit:focus {
    border: 2px solid $accent; padding: 4px 7px; }
QLineEdit:disabled, QComboBox:disabled {
    color: $muted; background: $window; }
QComboBox { padding-right: 24px; }
QComboBox:focus { padding-right: 23px; }
QComboBox::drop-down { subcontrol-position: center right; border: none; width: 24px; }
QComboBox::down-arrow { image: url("$icons/arrow-down.svg"); width: 12px; height: 12px; }
QSpinBox, QDoubleSpinBox { qproperty-alignment: AlignCenter;
    background: $panel; border: 1px solid $hairline; border-radius: 8px; padding: 5px 0;
    selection-background-color: $accent; selection-color: $accent_text; }
QSpinBox:focus, QDoubleSpinBox:focus { border: 2px solid $accent; padding: 4px 0; }
QSpinBox:disabled, QDoubleSpinBox:disabled { color: $muted; background: $window; }
QSpinBox::up-button, QDoubleSpinBox::up-button {
    subcontrol-position: top right; border: none; background: transparent; width: 20px; }
QSpinBox::down-button, QDoubleSpinBox::down-button {
    subcontrol-position: bottom right; border: none; background: transparent; width: 20px; }
QSpinBox::up-arrow, QDoubleSpinBox::up-arrow {
    image: url("$icons/arrow-up.svg"); width: 10px; height: 10px; }
QSpinBox::down-arrow, QDoubleSpinBox::down-arrow {
    image: url("$icons/arrow-down.svg"); width: 10px; height: 10px; }
QCheckBox, QRadioButton { border: 2px solid transparent; border-radius: 6px; padding: 2px;
    spacing: 8px; }
QCheckBox:focus, QRadioButton:focus { border-color: $accent; }
QCheckBox::indicator, QRadioButton::indicator { width: 14px; height: 14px;
    border: 1px solid $muted; background: $panel; }
QCheckBox::indicator { border-radius: 4px; }
QRadioButton::indicator { border-radius: 8px; }
QCheckBox::indicator:checked { background: $accent; border-color: $accent;
    image: url("$icons/$tick.svg"); }
QRadioButton::indicator:checked { width: 6px; height: 6px; border: 5px solid $accent;
    background: $accent_text; }
QCheckBox::indicator:disabled, QRadioButton::indicator:disabled { border-color: $hairline;
    background: $window; }
QCheckBox:disabled, QRadioButton:disabled { color: $muted; }
#deliberation-panel { background: $panel; }
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
QProgressBar { background: $hairline; border: none; border-radius: 3px; max-height: 6px;
    color: transparent; }
QProgressBar::chunk { background: $accent; border-radius: 3px; }
QTabWidget::pane { border: none; }
QTabBar::tab { padding: 8px 12px; border: none; color: $muted; }
QTabBar::tab:selected { color: $text; border-bottom: 2px solid $accent; }
QTabBar::tab:focus { background: $accent_wash; border-radius: 6px; }
QLabel[muted="true"] { color: $muted; }
QLabel[heading="true"] { font-weight: 600; }
"""


def _style_sheet(theme: Theme) -> str:
    sheet = _STYLE.replace("$icons", ICON_FOLDER.as_posix())
    sheet = sheet.replace("$tick", "tick-dark" if theme.dark else "tick-light")
    names = sorted((field.name for field in fields(Theme)), key=len, reverse=True)
    for name in names:
        value = getattr(theme, name)
        if isinstance(value, str):
            sheet = sheet.replace(f"${name}", value)
    return sheet


def themed_icon(
    name: str, role: Literal["text", "muted", "accent", "accent_text"] = "text"
) -> QIcon:
    """An icon in a colour of the present theme; ask again when `theme_changes` tells."""
    theme = current_theme()
    return tinted_icon(name, getattr(theme, role), theme.muted if role != "muted" else "")
