"""A model card as text: its Markdown without images, without anything fetched from anywhere."""

from __future__ import annotations

import re
from typing import Final

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QTextBrowser

_IMAGE: Final = re.compile(r"!\[([^\]]*)\]\([^)]*\)|!\[([^\]]*)\]\[[^\]]*\]")
_TAG: Final = re.compile(r"<!--.*?-->|</?[A-Za-z][^>]*>", re.S)
_WEB: Final = frozenset({"http", "https"})


class PlainCard(QTextBrowser):
    """Shows a model card; links open in the person's own browser, after a click."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(self.tr("Model card"))
        self.setOpenLinks(False)
        self.setFrameShape(QTextBrowser.Shape.NoFrame)
        self.setPlaceholderText(self.tr("No model card"))
        self.anchorClicked.connect(_open)
        self._text = ""

    def show_card(self, markdown: str) -> None:
        """Show another card."""
        if markdown == self._text:
            return
        self._text = markdown
        self.setMarkdown(without_images(markdown))

    def loadResource(self, _kind: int, _name: QUrl | str) -> object:  # noqa: N802 - Qt's name
        """Load nothing, whatever the text asks for."""
        return None


def without_images(markdown: str) -> str:
    """Replace images by their words and drop HTML, which a card uses for pictures and layout."""
    text = _IMAGE.sub(lambda match: match[1] or match[2] or "", markdown)
    return _TAG.sub("", text)


def _open(url: QUrl) -> None:
    if url.scheme() in _WEB:
        QDesktopServices.openUrl(url)
