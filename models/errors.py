"""The tree of expected failures with model files, without a word of window text.

    ModelsError
    ├── GgufError             the file breaks the GGUF format; names the field
    ├── HubError              the hub did not give what was asked for
    │   ├── HubOfflineError   it cannot be reached
    │   ├── HubNotFoundError  no such repository or file
    │   ├── HubTokenError     a token is missing, wrong or not allowed here
    │   ├── HubGatedError     the repository's owner must allow it first
    │   ├── HubBusyError      too many requests, or a failure on its side
    │   └── HubAnswerError    its answer makes no sense
    ├── DownloadError         a download did not finish
    │   ├── DownloadCancelledError
    │   ├── DiskFullError
    │   ├── HashMismatchError the bytes are not those that the hub names
    │   ├── ChangedUpstreamError the file was replaced on the hub meanwhile
    │   └── UnsafeNameError   a name that must not become a path
    └── LibraryError          a file or folder of the library cannot be used
        ├── MissingFileError  there is no such file
        ├── UnknownModelError no model has this name
        ├── AmbiguousModelError several have it
        ├── ModelTooLargeError  it needs more memory than is free
        ├── ForeignModelError it belongs to another program
        ├── BuiltInModelError it comes with Ponder
        └── FolderError       a folder cannot be read or written
            └── ModelHereError a file of this name is there already

Each class has a stable `code`; `desktop_app.error_text` maps codes to title, cause and next step.
"""

from __future__ import annotations

from typing import ClassVar


class ModelsError(Exception):
    """Base of every expected failure with model files.

    Attributes:
        code: Stable identifier.
        detail: What happened in technical terms; never a token.
    """

    code: ClassVar[str] = "models"

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail)
        self.detail = detail


class GgufError(ModelsError):
    """A file breaks the GGUF format.

    Attributes:
        field: Which part of it, such as "tensor count" or "metadata general.name".
    """

    code = "gguf"

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field = field


class HubError(ModelsError):
    """The hub did not give what was asked for."""

    code = "hub"


class HubOfflineError(HubError):
    """The hub cannot be reached."""

    code = "hub-offline"


class HubNotFoundError(HubError):
    """The hub has no such repository or file."""

    code = "hub-not-found"


class HubTokenError(HubError):
    """The hub asks for a token, or refuses the one it got."""

    code = "hub-token"


class HubGatedError(HubError):
    """The repository is open only to those its owner allowed."""

    code = "hub-gated"


class HubBusyError(HubError):
    """The hub is asked too often, or fails.

    Attributes:
        retry_after_seconds: When the hub says to come back, or None.
    """

    code = "hub-busy"

    def __init__(self, detail: str = "", retry_after_seconds: float | None = None) -> None:
        super().__init__(detail)
        self.retry_after_seconds = retry_after_seconds


class HubAnswerError(HubError):
    """The hub's answer makes no sense."""

    code = "hub-answer"


class DownloadError(ModelsError):
    """A download did not finish."""

    code = "download"


class DownloadCancelledError(DownloadError):
    """The person stopped it."""

    code = "download-cancelled"


class DiskFullError(DownloadError):
    """The disk has too little room.

    Attributes:
        needed_bytes: What is missing on disk in all.
        free_bytes: What is free.
    """

    code = "download-disk-full"

    def __init__(self, needed_bytes: int, free_bytes: int) -> None:
        super().__init__(f"{needed_bytes} bytes are needed, {free_bytes} are free")
        self.needed_bytes = needed_bytes
        self.free_bytes = free_bytes


class HashMismatchError(DownloadError):
    """The bytes are not those that the hub names."""

    code = "download-hash"


class ChangedUpstreamError(DownloadError):
    """The file was replaced on the hub while it was fetched."""

    code = "download-changed"


class UnsafeNameError(DownloadError):
    """A name from the hub that must not become a path here."""

    code = "download-name"


class LibraryError(ModelsError):
    """A file or folder of the library cannot be used."""

    code = "library"


class MissingFileError(LibraryError):
    """There is no such file."""

    code = "model-missing"


class UnknownModelError(LibraryError):
    """No model has this name."""

    code = "model-unknown"


class AmbiguousModelError(LibraryError):
    """Several models have this name.

    Attributes:
        names: The names that tell them apart.
    """

    code = "model-ambiguous"

    def __init__(self, asked: str, names: tuple[str, ...]) -> None:
        super().__init__(f"{asked!r} may be {', '.join(names)}")
        self.names = names


class ModelTooLargeError(LibraryError):
    """By its header it needs more memory than is free.

    Attributes:
        needed_bytes: What it needs, or 0 where that is not known.
    """

    code = "model-too-large"

    def __init__(self, detail: str = "", needed_bytes: int = 0) -> None:
        super().__init__(detail)
        self.needed_bytes = needed_bytes


class ForeignModelError(LibraryError):
    """The model is not removed: its file lies outside of the models folder."""

    code = "model-foreign"


class BuiltInModelError(LibraryError):
    """The model is not removed: it comes with Ponder."""

    code = "model-built-in"


class FolderError(LibraryError):
    """A folder cannot be read or written."""

    code = "models-folder"


class ModelHereError(FolderError):
    """A file of this name is in the models folder already."""

    code = "model-here"
