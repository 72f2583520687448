"""The Hugging Face hub: find repositories, list their models or data, say where a file lies.

The only module that knows `huggingface_hub`, whose settings it follows: `HF_ENDPOINT`, `HF_TOKEN`,
`HF_HOME`, `HF_HUB_OFFLINE` and the proxy variables; its requests go over `models/hub_client.py`.
Everything the hub says is checked before it is believed. It must not write files.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Final, Literal
from urllib.parse import quote

import httpx2
from huggingface_hub import (
    DatasetInfo,
    HfApi,
    ModelInfo,
    constants,
    get_session,
    get_token,
    set_client_factory,
)
from huggingface_hub.errors import (
    EntryNotFoundError,
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.utils import build_hf_headers, hf_raise_for_status  # type: ignore[attr-defined]

from models.errors import (
    HubAnswerError,
    HubError,
    HubGatedError,
    HubNotFoundError,
    HubOfflineError,
    HubTokenError,
    UnsafeNameError,
)
from models.file_names import quantization_label, safe_relative_path, whole_models
from models.hub_client import HubClient
from models.transfer import Address, refusal

Sort = Literal["downloads", "likes", "date"]

_SORTS: Final[Mapping[Sort, str]] = {
    "downloads": "downloads",
    "likes": "likes",
    "date": "lastModified",
}
_TIMEOUT_SECONDS: Final = 20.0
_CARD_BYTES: Final = 200_000
_MOST_RESULTS: Final = 200
_LARGEST_FILE_BYTES: Final = 2**43
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_COMMIT: Final = re.compile(r"[0-9a-f]{40}")
_FRONT_MATTER: Final = re.compile(r"\A---\r?\n.*?\r?\n---\r?\n", re.S)

set_client_factory(partial(HubClient, _TIMEOUT_SECONDS))


@dataclass(frozen=True, slots=True)
class FoundRepository:
    """One result of a search.

    Attributes:
        name: `owner/name`.
        downloads: Of the last 30 days, or None.
        likes: How many like it, or None.
        changed_on: Date of the last change, ISO 8601, or "".
        gated: Whether its owner must allow each download.
        licence: What it says, or "".
        tags: What it is tagged with.
    """

    name: str
    downloads: int | None
    likes: int | None
    changed_on: str
    gated: bool
    licence: str
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HubFile:
    """One file of a repository.

    Attributes:
        path: In the repository.
        size_bytes: Its length.
        sha256: Of its bytes, or "" where the hub names none.
    """

    path: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class HubModel:
    """One model of a repository: a quantization, in one file or several.

    Attributes:
        label: Such as "Q4_K_M"; unique in its repository.
        files: All its files, in order.
    """

    label: str
    files: tuple[HubFile, ...]

    @property
    def size_bytes(self) -> int:
        """Of all files."""
        return sum(file.size_bytes for file in self.files)


@dataclass(frozen=True, slots=True)
class Repository:
    """What the hub says of one repository.

    Attributes:
        found: As in a search.
        revision: The commit that all files are named at.
        models: Its quantizations, the smallest first.
        left_out: GGUF files whose names must not become a path here.
    """

    found: FoundRepository
    revision: str
    models: tuple[HubModel, ...]
    left_out: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """`owner/name`."""
        return self.found.name

    def model(self, label: str) -> HubModel:
        """Return the model of this label, in any case.

        Raises:
            HubNotFoundError: There is none.
        """
        for model in self.models:
            if model.label.casefold() == label.casefold():
                return model
        known = ", ".join(model.label for model in self.models) or "no GGUF model"
        raise HubNotFoundError(f"{self.name} has no {label}; it has {known}")


@dataclass(frozen=True, slots=True)
class Dataset:
    """A repository of data on the hub.

    Attributes:
        name: `owner/name`.
        revision: The commit that all files are named at.
        files: Its files of the kinds that were asked for, by path.
    """

    name: str
    revision: str
    files: tuple[HubFile, ...]

    @property
    def place(self) -> str:
        """What stands before a file's path in an address, and in a folder."""
        return f"datasets/{self.name}"


class Hub:
    """A hub, asked in the name of one person.

    Args:
        token: An access token; the hub client's own (`HF_TOKEN` or its token file) where None.
        endpoint: Address of the hub; the client's own (`HF_ENDPOINT`) where None.

    Raises:
        HubTokenError: The token cannot be sent.
    """

    def __init__(self, token: str | None = None, endpoint: str | None = None) -> None:
        self._token = token or get_token()
        if self._token and not (self._token.isascii() and self._token.isprintable()):
            raise HubTokenError("it holds a sign that no token has")
        self.endpoint = (endpoint or default_endpoint()).rstrip("/")
        self._api = HfApi(endpoint=self.endpoint, token=self._token or False)

    def search(
        self,
        text: str = "",
        author: str = "",
        tag: str = "",
        sort: Sort = "downloads",
        limit: int = 30,
    ) -> tuple[FoundRepository, ...]:
        """Find repositories with GGUF files, what is most or newest first.

        Args:
            text: Words of the name; everything where empty.
            author: Only of this owner.
            tag: Only with this tag.
            sort: What comes first.
            limit: At most so many, up to 200.

        Raises:
            HubError: The hub did not answer as it should.
        """
        most = max(1, min(limit, _MOST_RESULTS))
        with _hub_errors("search"):
            # the client's own listing tries again for half a minute before it says "offline"
            response = get_session().get(
                f"{self.endpoint}/api/models",
                params={
                    "filter": ["gguf", tag] if tag else ["gguf"],
                    "search": text,
                    "author": author,
                    "sort": _SORTS[sort],
                    "limit": most,
                    "expand": ["downloads", "likes", "lastModified", "gated", "tags"],
                },
                headers=build_hf_headers(token=self._token or False),
            )
            hf_raise_for_status(response)
            items = response.json()[:most]
            found = [ModelInfo(**item) for item in items]  # type: ignore[no-untyped-call]
            return tuple(_found(info) for info in found if "/" in info.id)

    def repository(self, name: str, revision: str | None = None) -> Repository:
        """Return what a repository holds.

        Args:
            name: `owner/name`.
            revision: A commit, branch or tag; the newest where None.

        Raises:
            HubError: The hub did not answer as it should.
        """
        with _hub_errors(name, hidden=not self._token):
            return _repository(self._api.model_info(name, revision=revision, files_metadata=True))

    def dataset(self, name: str, suffixes: tuple[str, ...]) -> Dataset:
        """Return which files of some kinds a dataset holds.

        Args:
            name: `owner/name`.
            suffixes: Such as ".parquet", in lower case.

        Raises:
            HubError: The hub did not answer as it should.
        """
        with _hub_errors(name, hidden=not self._token):
            info = self._api.dataset_info(name, files_metadata=True)
            files, _ = _files(info, suffixes)
            return Dataset(name, _commit(info), tuple(files[path] for path in sorted(files)))

    def address(self, repository: str, revision: str, path: str) -> Address:
        """Return where a file's bytes lie, with what must be shown to the hub, and to it alone.

        Raises:
            HubOfflineError: `HF_HUB_OFFLINE` is set.
        """
        if constants.HF_HUB_OFFLINE:
            raise HubOfflineError("HF_HUB_OFFLINE is set")
        place = f"{quote(repository)}/resolve/{quote(revision, safe='')}/{quote(path)}"
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        return Address(f"{self.endpoint}/{place}", headers)

    def card_address(self, repository: Repository) -> Address:
        """Return where a repository's model card lies."""
        return self.address(repository.name, repository.revision, "README.md")

    def person(self) -> str:
        """Return the name of the token's owner.

        Raises:
            HubError: There is no token, or the hub refuses it.
        """
        with _hub_errors("the token"):
            return str(self._api.whoami(token=self._token or False)["name"])


def default_endpoint() -> str:
    """Return the hub that is asked where no other is named: `HF_ENDPOINT`, or the public one."""
    return constants.ENDPOINT.rstrip("/")


def card_text(raw: bytes) -> str:
    """Return a model card without its front matter, cut to a readable length."""
    text = raw[:_CARD_BYTES].decode("utf-8", "replace")
    return _FRONT_MATTER.sub("", text, count=1).strip()


def _found(info: ModelInfo) -> FoundRepository:
    tags = tuple(_storable(str(tag)) for tag in info.tags or ())
    licence = next((tag[8:] for tag in tags if tag.startswith("license:")), "")
    return FoundRepository(
        name=info.id,
        downloads=_count(info.downloads),
        likes=_count(info.likes),
        changed_on=info.last_modified.date().isoformat() if info.last_modified else "",
        gated=bool(info.gated),
        licence=licence,
        tags=tags,
    )


def _storable(text: str) -> str:
    """A text that can be written: JSON may hold half of a pair of UTF-16, which no file takes."""
    return text.encode("utf-8", "replace").decode()


def _count(number: object) -> int | None:
    return number if isinstance(number, int) and number >= 0 else None


def _repository(info: ModelInfo) -> Repository:
    revision = _commit(info)
    files, left_out = _files(info, (".gguf",))
    groups = whole_models(files)
    labels = [quantization_label(group[0]) for group in groups]
    times = Counter(labels)
    models = [
        HubModel(
            label if times[label] == 1 else group[0].removesuffix(".gguf"),
            tuple(files[path] for path in group),
        )
        for label, group in zip(labels, groups, strict=True)
    ]
    models.sort(key=lambda model: (model.size_bytes, model.label))
    return Repository(_found(info), revision, tuple(models), left_out)


def _commit(info: ModelInfo | DatasetInfo) -> str:
    revision = info.sha or ""
    if not _COMMIT.fullmatch(revision):
        raise HubAnswerError(f"{info.id}: no commit is named")
    return revision


def _files(
    info: ModelInfo | DatasetInfo, suffixes: tuple[str, ...]
) -> tuple[dict[str, HubFile], tuple[str, ...]]:
    """Files of some kinds by path, and those whose names must not become a path here.

    Empty ones, which some put in a place to keep it, are neither.
    """
    files: dict[str, HubFile] = {}
    left_out = []
    for sibling in info.siblings or ():
        path = sibling.rfilename
        if not isinstance(path, str):
            raise HubAnswerError(f"{info.id}: {path!r} is no file name")
        lfs = sibling.lfs
        size = lfs.size if lfs else sibling.size
        sha256 = lfs.sha256 if lfs and isinstance(lfs.sha256, str) else ""
        if not path.casefold().endswith(suffixes) or size == 0:
            continue
        try:
            safe_relative_path(path)
        except UnsafeNameError:
            left_out.append(path)
            continue
        if not isinstance(size, int) or not 0 < size <= _LARGEST_FILE_BYTES:
            raise HubAnswerError(f"{path}: {size!r} is no size")
        files[path] = HubFile(path, size, sha256 if _SHA256.fullmatch(sha256) else "")
    return files, tuple(left_out)


@contextmanager
def _hub_errors(what: str, *, hidden: bool = False) -> Iterator[None]:
    """Turn the client's failures into our own; none of them repeats a token.

    Args:
        what: What is asked for.
        hidden: Whether the hub refuses like this what is not there, too: without a token.
    """
    if constants.HF_HUB_OFFLINE:
        raise HubOfflineError("HF_HUB_OFFLINE is set")
    try:
        yield
    except HubError:
        raise
    except GatedRepoError as error:
        raise HubGatedError(what) from error
    except (
        RepositoryNotFoundError,
        RevisionNotFoundError,
        EntryNotFoundError,
        HFValidationError,
    ) as error:
        raise HubNotFoundError(what) from error
    except HfHubHTTPError as error:
        status = error.response.status_code
        if hidden and status == HTTPStatus.UNAUTHORIZED:
            raise HubNotFoundError(what) from error
        raise refusal(status, error.response.headers, what) from error
    except httpx2.TransportError as error:
        raise HubOfflineError(f"{what}: {type(error).__name__}") from error
    except (
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        RecursionError,
        httpx2.HTTPError,
    ) as error:
        raise HubAnswerError(f"{what}: {type(error).__name__}") from error
