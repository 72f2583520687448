"""Colours and fonts, light and dark, and how the application puts them on.

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

from desktop_app.icons import tinted_icon
from desktop_app.look.style_sheet import style_sheet
from desktop_app.words.quantities import use_number_marks

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
        groups: Colours of vote groups, that of the leader first.
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
    if choice == _state.choice:
        return
    _state.choice = choice
    _tell_platform()
    _refresh()


def zoom() -> float:
    """The text size as a factor of the base size."""
    return _state.zoom


def set_zoom(factor: float) -> None:
    """Change the text size; clamped to the smallest and largest step."""
    factor = min(max(factor, ZOOM_STEPS[0]), ZOOM_STEPS[-1])
    if factor == _state.zoom:
        return
    _state.zoom = factor
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
    named = ((field.name, getattr(theme, field.name)) for field in fields(Theme))
    colours = {name: colour for name, colour in named if isinstance(colour, str)}
    app.setStyleSheet(style_sheet(colours, dark=theme.dark, scale=pixels))


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


def themed_icon(
    name: str, role: Literal["text", "muted", "accent", "accent_text"] = "text"
) -> QIcon:
    """An icon in a colour of the present theme; ask again when `theme_changes` tells."""
    theme = current_theme()
    return tinted_icon(name, getattr(theme, role), theme.muted if role != "muted" else "")
