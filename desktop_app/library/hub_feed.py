"""The hub off the window's thread: searches, what a repository holds and whether it fits.

It exists so that pages only show what it tells; an answer that nobody waits for any more is
dropped. It must not know widgets.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass, field

from PySide6.QtCore import QObject, Signal

from desktop_app.background import in_background
from desktop_app.deliveries import Deliveries
from desktop_app.library.hub_fitting import RepositoryHeaders, read_headers
from engine.keys import KeyStoreError, forget_key, keep_key
from models.errors import HubNotFoundError, ModelsError
from models.file_names import repository_name
from models.hub import FoundRepository, Hub, Repository, Sort, card_text, default_endpoint
from models.transfer import Transfer

_CARD_BYTES = 200_000


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """What a search brought.

    Attributes:
        found: Repositories, the first one best.
        error: Why there are none, or None.
    """

    found: tuple[FoundRepository, ...] = ()
    error: ModelsError | None = None


@dataclass(frozen=True, slots=True)
class RepositoryAnswer:
    """What is known of a repository.

    Attributes:
        name: Which one.
        repository: What it holds, or None while or where that is not known.
        headers: What its headers say.
        card: Its model card, plain Markdown.
        error: Why the rest is missing, or None.
        complete: Whether nothing more will come.
    """

    name: str
    repository: Repository | None = None
    headers: RepositoryHeaders = field(default_factory=lambda: RepositoryHeaders({}))
    card: str = ""
    error: ModelsError | None = None
    complete: bool = False


class HubFeed(QObject):
    """Asks the hub.

    Args:
        open_hub: Makes the hub with the token of now; it may wait for the keyring.
        deliveries: Brings results to this thread.

    Attributes:
        searched: (`SearchAnswer`) The last search ended.
        repository_shown: (`RepositoryAnswer`) The repository asked for last, each time more of it
            is known.
        token_kept: (name) A token was accepted and is kept; "" when it was forgotten.
        token_refused: (code, detail) It was not.
    """

    searched = Signal(object)
    repository_shown = Signal(object)
    token_kept = Signal(str)
    token_refused = Signal(str, str)

    def __init__(
        self, open_hub: Callable[[], Hub], deliveries: Deliveries, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._open_hub = open_hub
        self._deliveries = deliveries
        self._search: object | None = None
        self._wanted: object | None = None

    def search(self, text: str, sort: Sort) -> None:
        """Find repositories; an `owner/name` or an address finds just that one.

        `author:NAME` and `tag:NAME` among the words narrow the search.
        """
        this = self._search = object()

        def receive(answer: SearchAnswer) -> None:
            if self._search is this:
                self.searched.emit(answer)

        self._deliver(lambda: self._search_now(text, sort), receive)

    def show(self, name: str) -> None:
        """Tell all about one repository: first what it holds, then headers and card."""
        this = self._wanted = object()
        self.repository_shown.emit(RepositoryAnswer(name))

        def receive(answer: RepositoryAnswer) -> None:
            if self._wanted is not this:
                return
            self.repository_shown.emit(answer)
            if not answer.complete:
                self._deliver(lambda: self._more(answer), receive)

        self._deliver(lambda: self._repository(name), receive)

    def get(self, name: str, receive: Callable[[RepositoryAnswer], None]) -> None:
        """Look up a repository for one receiver, without headers and card."""
        self._deliver(lambda: self._repository(name), receive)

    def keep_token(self, token: str) -> None:
        """Ask the hub whose token it is, and keep it in the keyring; empty forgets it."""
        self._deliver(lambda: _keep(token.strip()), self._on_token)

    # --- off this thread ------------------------------------------------------------------------

    def _search_now(self, text: str, sort: Sort) -> SearchAnswer:
        try:
            hub = self._open_hub()
            if "/" in text:
                return SearchAnswer((hub.repository(repository_name(text).repository).found,))
            words, author, tag = search_words(text)
            return SearchAnswer(hub.search(words, author, tag, sort))
        except ModelsError as error:
            return SearchAnswer(error=error)

    def _repository(self, name: str) -> RepositoryAnswer:
        try:
            return RepositoryAnswer(name, self._open_hub().repository(name))
        except ModelsError as error:
            return RepositoryAnswer(name, error=error, complete=True)

    def _more(self, answer: RepositoryAnswer) -> RepositoryAnswer:
        repository = answer.repository
        if repository is None:
            return answer
        headers, card, problem = RepositoryHeaders({}), "", None
        try:
            hub = self._open_hub()
            with closing(Transfer()) as transfer:
                try:
                    card = card_text(transfer.read(hub.card_address(repository), _CARD_BYTES))
                except HubNotFoundError:
                    card = ""
                headers = read_headers(hub, transfer, repository)
        except ModelsError as error:
            problem = error
        return RepositoryAnswer(answer.name, repository, headers, card, problem, complete=True)

    # --- results --------------------------------------------------------------------------------

    def _on_token(self, answer: str | ModelsError | KeyStoreError) -> None:
        if isinstance(answer, str):
            self.token_kept.emit(answer)
        else:
            code = "hub-keyring" if answer.code == KeyStoreError.code else answer.code
            self.token_refused.emit(code, answer.detail)

    def _deliver(self, work: Callable[[], object], receive: Callable[..., None]) -> None:
        future: Future[object] = in_background(work, "hub")
        self._deliveries.deliver(future, receive)


def search_words(text: str) -> tuple[str, str, str]:
    """Split what was typed into words, an author (`author:ada`) and a tag (`tag:code`)."""
    words, author, tag = [], "", ""
    for word in text.split():
        if word.startswith("author:"):
            author = word.removeprefix("author:")
        elif word.startswith("tag:"):
            tag = word.removeprefix("tag:")
        else:
            words.append(word)
    return " ".join(words), author, tag


def _keep(token: str) -> str | ModelsError | KeyStoreError:
    endpoint = default_endpoint()
    try:
        if not token:
            forget_key(endpoint)
            return ""
        person = Hub(token, endpoint).person()
        keep_key(endpoint, token)
    except (ModelsError, KeyStoreError) as error:
        return error
    return person
