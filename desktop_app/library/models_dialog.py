"""The window of models: what is on this computer, what the hub has, what is on its way."""

from __future__ import annotations

from enum import IntEnum

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTabWidget, QVBoxLayout, QWidget

from desktop_app.library.download_feed import DownloadFeed
from desktop_app.library.downloads_page import DownloadsPage
from desktop_app.library.find_page import FindPage
from desktop_app.library.library_page import LibraryPage
from desktop_app.look.growing_dialog import GrowingDialog

_SIZE = (980, 660)


class ModelsTab(IntEnum):
    """Its pages."""

    HERE = 0
    FIND = 1
    DOWNLOADS = 2


class ModelsDialog(GrowingDialog):
    """Stays open beside the main window.

    Args:
        here: What is on this computer.
        find: What the hub has.
        downloads: Tells how many are on their way.
        parent: The main window.
    """

    def __init__(
        self, here: LibraryPage, find: FindPage, downloads: DownloadFeed, parent: QWidget
    ) -> None:
        super().__init__(_SIZE, parent)
        self.setWindowTitle(self.tr("Models"))
        self.setWindowFlag(Qt.WindowType.WindowContextHelpButtonHint, on=False)
        self.here, self.search = here, find
        self._feed = downloads
        self.tabs = QTabWidget()
        self.tabs.tabBar().setDrawBase(False)
        self.tabs.addTab(here, self.tr("On this computer"))
        self.tabs.addTab(find, self.tr("Find"))
        self.tabs.addTab(DownloadsPage(downloads), self.tr("Downloads"))
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.addWidget(self.tabs)
        find.here_requested.connect(lambda: self.show_tab(ModelsTab.HERE))
        downloads.changed.connect(self._show_count)
        self._show_count()

    def show_tab(self, tab: ModelsTab) -> None:
        """Turn to a page and come forward."""
        self.tabs.setCurrentIndex(tab)
        self.show()
        self.raise_()
        self.activateWindow()
        if tab is ModelsTab.FIND:
            self.search.focus_search()

    def _show_count(self) -> None:
        count = self._feed.unfinished
        text = self.tr("Downloads ({count})").format(count=count) if count else self.tr("Downloads")
        self.tabs.setTabText(ModelsTab.DOWNLOADS, text)
