"""The page that finds models on the hub: a search, its results, and all about the chosen one.

It must not ask the hub itself; it asks the feed, and says in signals what a person wants.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QHBoxLayout,
    QInputDialog,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop_app.error_text import error_text
from desktop_app.library.fitting import Fitting
from desktop_app.library.hub_feed import HubFeed, RepositoryAnswer, SearchAnswer
from desktop_app.library.hub_fitting import recommended
from desktop_app.library.machine_feed import MachineFeed
from desktop_app.library.placement_text import placement_words
from desktop_app.library.plain_card import PlainCard
from desktop_app.library.rows import RowList
from desktop_app.look.flow_row import FlowRow
from desktop_app.look.theme import pixels, theme_changes
from desktop_app.look.two_lines import TwoLines
from desktop_app.settings_pages.settings_form import choice
from desktop_app.words.quantities import format_bytes, format_count
from desktop_app.words.translation import translated
from models.catalog import CatalogModel, catalog
from models.catalog import recommended as recommended_model
from models.errors import (
    HubGatedError,
    HubNotFoundError,
    HubOfflineError,
    HubTokenError,
    ModelsError,
)
from models.fit import Placement
from models.hub import FoundRepository, HubModel, Repository, default_endpoint

_LIST_HEIGHT = 230


class FindPage(QWidget):
    """Models on the hub.

    Args:
        feed: Asks the hub.
        machine: What this machine has to spare.

    Attributes:
        get_requested: (`Repository`, `HubModel`) The person wants this one.
        here_requested: The hub is out of reach; the person looks at what is on this computer.
    """

    get_requested = Signal(object, object)
    here_requested = Signal()

    def __init__(self, feed: HubFeed, machine: MachineFeed, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._feed, self._machine = feed, machine
        self._answer: RepositoryAnswer | None = None
        self._picked = False
        self._present: Callable[[Repository, HubModel], bool] = lambda _repository, _model: False
        self._search = QLineEdit()
        self._search.setPlaceholderText(self.tr("Search the hub, or paste an address"))
        self._search.setAccessibleName(self.tr("Search the hub"))
        self._search.setToolTip(
            self.tr("Words of a name; author:NAME and tag:NAME narrow it. Or owner/name.")
        )
        self._search.setClearButtonEnabled(True)
        self._sort = choice(
            (
                ("downloads", self.tr("Most downloads")),
                ("likes", self.tr("Most likes")),
                ("date", self.tr("Last change")),
            ),
            self.tr("Sort by"),
        )
        self._note = QLabel()
        self._here = self._button(
            self.tr("Show what is on this computer"), self.here_requested.emit
        )
        self._here.hide()
        self._results: RowList[str] = RowList(self.tr("Repositories"))
        self._title, self._facts, self._problem = QLabel(), QLabel(), QLabel()
        self._title.setProperty("heading", True)
        for label in (self._note, self._facts):
            label.setProperty("muted", True)
        for label in (self._note, self._title, self._facts, self._problem):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        self._models: RowList[HubModel] = RowList(self.tr("Quantizations"))
        self._get = self._button(self.tr("Get"), self._on_get)
        self._get.setProperty("primary", True)
        self._page = self._button(self.tr("Open its page"), self._on_page)
        self._token = self._button(self.tr("Set access token…"), self._on_token)
        self._card = PlainCard()
        self._build()
        self._search.returnPressed.connect(self.search)
        self._search.textChanged.connect(self._on_text_changed)
        self._sort.currentIndexChanged.connect(lambda _index: self.search())
        self._results.chosen.connect(self._on_repository_chosen)
        self._models.chosen.connect(lambda _model: self._show_get())
        self._models.pressed.connect(self._on_picked)
        self._models.opened.connect(lambda _model: self._on_get())
        feed.searched.connect(self._on_searched)
        feed.repository_shown.connect(self._on_repository)
        feed.token_kept.connect(self._on_token_kept)
        feed.token_refused.connect(self._on_token_refused)
        machine.changed.connect(self._show_models)
        self._show_catalog()

    def set_present(self, present: Callable[[Repository, HubModel], bool]) -> None:
        """Say how to know that a model is here, or on its way, already."""
        self._present = present
        self._show_get()

    def refresh_present(self) -> None:
        """What is here or on its way changed."""
        self._show_models()

    def focus_search(self) -> None:
        """Let the person type."""
        self._search.setFocus(Qt.FocusReason.OtherFocusReason)

    def search(self) -> None:
        """Ask the hub for what was typed; without text, show the recommendations."""
        text = self._search.text().strip()
        if not text:
            self._show_catalog()
            return
        self._note.setText(self.tr("Searching…"))
        self._feed.search(text, self._sort.currentData())

    # --- building -------------------------------------------------------------------------------

    def _button(self, text: str, clicked: Callable[[], None]) -> QPushButton:
        button = QPushButton(text)
        button.clicked.connect(lambda _checked=False: clicked())
        button.setAutoDefault(False)
        return button

    def _build(self) -> None:
        left = QVBoxLayout()
        left.addWidget(self._search)
        left.addWidget(self._note)
        left.addWidget(self._sort, 0, Qt.AlignmentFlag.AlignLeft)
        left.addWidget(self._here, 0, Qt.AlignmentFlag.AlignLeft)
        left.addWidget(self._results, 1)
        right = QVBoxLayout()
        right.setContentsMargins(16, 0, 0, 0)
        for widget in (self._title, self._facts, self._problem, self._models):
            right.addWidget(widget)
        right.addWidget(FlowRow((self._get, self._page, self._token)))
        right.addWidget(self._card, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 8, 0, 0)
        row.addLayout(left, 2)
        row.addLayout(right, 3)
        theme_changes().changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        self._models.setFixedHeight(pixels(_LIST_HEIGHT))

    # --- results --------------------------------------------------------------------------------

    def _show_catalog(self, note: str = "") -> None:
        """Show the models to begin with.

        Args:
            note: What is said above them, if not that.
        """
        machine = self._machine.machine
        best = recommended_model(machine) if machine is not None else None
        self._note.setText(note or self.tr("To begin with, by memory"))
        self._sort.hide()
        self._here.setVisible(bool(note))
        self._results.set_rows(
            [(self._catalog_lines(entry, entry == best), entry.repository) for entry in catalog()]
        )
        if best is not None:
            self._results.select(best.repository)

    def _catalog_lines(self, entry: CatalogModel, recommended: bool) -> TwoLines:  # noqa: FBT001
        kind = self.tr("reasons") if entry.kind == "reasoning" else self.tr("answers at once")
        about = self.tr("{size} · {kind}").format(size=format_bytes(entry.size_bytes), kind=kind)
        badge = self.tr("for this machine") if recommended else ""
        return TwoLines(entry.title, about, badge, reason=entry.why)

    def _on_text_changed(self, text: str) -> None:
        if not text:
            self._show_catalog()

    def _on_searched(self, answer: SearchAnswer) -> None:
        if not self._search.text().strip():
            return
        if answer.error is not None:
            text = translated(error_text(answer.error.code))
            said = f"{text.title}. {text.next_step}"
            if isinstance(answer.error, HubOfflineError):
                self._show_catalog(self.tr("{said} To begin with, by memory:").format(said=said))
                return
            self._note.setText(said)
        elif not answer.found:
            self._note.setText(self.tr("Nothing was found; try fewer words."))
        else:
            self._note.setText(self.tr("GGUF models on the hub"))
        self._here.hide()
        self._sort.setVisible(bool(answer.found))
        self._results.set_rows([(self._lines(found), found.name) for found in answer.found])

    def _lines(self, found: FoundRepository) -> TwoLines:
        facts = [
            self.tr("{count} downloads").format(count=format_count(found.downloads))
            if found.downloads is not None
            else "",
            self.tr("{count} likes").format(count=format_count(found.likes))
            if found.likes is not None
            else "",
            found.changed_on,
            found.licence,
        ]
        badge = self.tr("gated") if found.gated else ""
        return TwoLines(found.name, " · ".join(filter(None, facts)), badge)

    # --- the chosen repository ------------------------------------------------------------------

    def _on_picked(self) -> None:
        """The person chose a quantization; no recommendation moves it any more."""
        self._picked = True

    def _on_repository_chosen(self, name: str | None) -> None:
        self._picked = False
        if name is None:
            self._answer = None
            self._show_answer()
        else:
            self._feed.show(name)

    def _on_repository(self, answer: RepositoryAnswer) -> None:
        self._answer = answer
        self._show_answer()

    def _show_answer(self) -> None:
        answer = self._answer
        self._title.setText(answer.name if answer else self.tr("No repository chosen"))
        self._facts.setText(self._facts_of(answer) if answer else "")
        self._show_problem(answer.error if answer else None)
        self._page.setEnabled(answer is not None)
        self._card.show_card(answer.card if answer else "")
        self._show_models()

    def _facts_of(self, answer: RepositoryAnswer) -> str:
        entry = next((one for one in catalog() if one.repository == answer.name), None)
        if answer.repository is None:
            why = entry.why if entry else ""
            return why if answer.error else self.tr("Asking the hub… {why}").format(why=why)
        found = answer.repository.found
        facts = [
            self.tr("licence {name}").format(name=found.licence) if found.licence else "",
            self.tr("changed {date}").format(date=found.changed_on) if found.changed_on else "",
            self.tr("gated: its owner must let you in") if found.gated else "",
            self.tr("left out {count} files with unsafe names").format(
                count=len(answer.repository.left_out)
            )
            if answer.repository.left_out
            else "",
            entry.why if entry else "",
        ]
        return " · ".join(filter(None, facts))

    def _show_problem(self, error: ModelsError | None) -> None:
        self._problem.setVisible(error is not None)
        token = isinstance(error, HubGatedError | HubTokenError | HubNotFoundError)
        gated = self._answer is not None and self._answer.repository is not None
        gated = gated and self._answer.repository.found.gated  # type: ignore[union-attr]
        self._token.setVisible(bool(token or gated))
        if error is not None:
            text = translated(error_text(error.code))
            self._problem.setText(f"{text.title}. {text.cause} {text.next_step}")

    def _fittings(self) -> dict[str, Fitting | None]:
        answer, machine = self._answer, self._machine.machine
        if answer is None or answer.repository is None or machine is None:
            return {}
        return answer.headers.fittings(
            answer.repository, self._machine.options, self._machine.samples, machine
        )

    def _show_models(self) -> None:
        repository = self._answer.repository if self._answer else None
        fittings = self._fittings()
        best = recommended(fittings)
        rows = [
            (self._model_lines(model, fittings.get(model.label), recommended=model.label == best),
             model)
            for model in (repository.models if repository else ())
        ]  # fmt: skip
        self._models.setVisible(bool(rows))
        self._models.set_rows(rows)
        labels = {model.label: model for _, model in rows}
        if best is not None and not self._picked:
            self._models.select(labels[best])
        self._show_get()

    def _model_lines(
        self, model: HubModel, found: Fitting | None, *, recommended: bool
    ) -> TwoLines:
        facts = [format_bytes(model.size_bytes)]
        if len(model.files) > 1:
            facts.append(self.tr("{count} files").format(count=len(model.files)))
        if found is not None and found.largest_notch is not None:
            facts.append(
                self.tr("up to {count} side by side").format(count=found.largest_notch.attempts)
            )
        if recommended:
            facts.append(self.tr("recommended"))
        too_large = found is not None and found.fit.placement is Placement.TOO_LARGE
        badge = placement_words(found.fit) if found is not None else ""
        return TwoLines(model.label, " · ".join(facts), badge, warns=too_large)

    def _show_get(self) -> None:
        repository = self._answer.repository if self._answer else None
        model = self._models.value
        here = repository is not None and model is not None and self._present(repository, model)
        error = self._answer.error if self._answer else None
        refused = isinstance(error, HubGatedError | HubTokenError)
        usable = repository is not None and model is not None
        self._get.setEnabled(usable and not here and not refused)
        if model is None:
            self._get.setText(self.tr("Get"))
        elif here:
            self._get.setText(self.tr("Here or on its way"))
        else:
            size = format_bytes(model.size_bytes)
            self._get.setText(self.tr("Get {label}, {size}").format(label=model.label, size=size))

    # --- what a person does ---------------------------------------------------------------------

    def _on_get(self) -> None:
        repository = self._answer.repository if self._answer else None
        model = self._models.value
        if repository is not None and model is not None and self._get.isEnabled():
            self.get_requested.emit(repository, model)

    def _on_page(self) -> None:
        if self._answer is not None:
            QDesktopServices.openUrl(QUrl(f"{default_endpoint()}/{self._answer.name}"))

    def _on_token(self) -> None:
        dialog = QInputDialog(self)
        dialog.setWindowTitle(self.tr("Access token"))
        dialog.setLabelText(
            self.tr(
                "A token of your hub account with the right to read.\n"
                "It is kept in the keyring of this system. Empty forgets it."
            )
        )
        dialog.setTextEchoMode(QLineEdit.EchoMode.Password)
        dialog.textValueSelected.connect(self._feed.keep_token)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _on_token_kept(self, person: str) -> None:
        said = self.tr("The token of {name} is kept.").format(name=person)
        self._note.setText(said if person else self.tr("No token is kept."))
        if self._answer is not None:
            self._feed.show(self._answer.name)

    def _on_token_refused(self, code: str, _detail: str) -> None:
        text = translated(error_text(code))
        self._note.setText(f"{text.title}. {text.next_step}")
