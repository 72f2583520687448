"""Whether the models of a repository fit, before a byte of their weights is fetched.

Headers are read over HTTP ranges; quantizations of one model share the numbers of one header. Free
of Qt.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from desktop_app.library.fitting import Fitting, fitting, recommended_quantization
from engine.generation import LoadOptions
from models.description import ModelDescription, describe
from models.errors import GgufError
from models.file_names import quantization_label
from models.fit import MachineMemory
from models.gguf import read_metadata
from models.hub import Hub, HubModel, Repository
from models.transfer import RemoteSource, Transfer

_HEADER_BYTES: Final = 2**20
"""Enough for everything but the words of the vocabulary."""


@dataclass(frozen=True, slots=True)
class RepositoryHeaders:
    """What the headers of a repository's models say, by label; None where one cannot be read."""

    descriptions: dict[str, ModelDescription | None]

    def fittings(
        self,
        repository: Repository,
        options: LoadOptions,
        samples: int,
        machine: MachineMemory,
    ) -> dict[str, Fitting | None]:
        """How each model would fit, by label; None where its header does not tell."""
        found: dict[str, Fitting | None] = {}
        for model in repository.models:
            about = self.descriptions.get(model.label)
            found[model.label] = (
                fitting(about, model.size_bytes, options, samples, machine) if about else None
            )
        return found


def read_headers(hub: Hub, transfer: Transfer, repository: Repository) -> RepositoryHeaders:
    """Read one header for each model that a repository holds.

    Raises:
        HubError: It was not sent.
    """
    known: dict[str, ModelDescription | None] = {}
    found: dict[str, ModelDescription | None] = {}
    for model in repository.models:
        stem = _stem(model)
        if stem not in known:
            known[stem] = _header(hub, transfer, repository, model)
        found[model.label] = known[stem]
    return RepositoryHeaders(found)


def recommended(fittings: dict[str, Fitting | None]) -> str | None:
    """Return the label of the quantization to take, or None where none fits for sure."""
    return recommended_quantization(
        {label: found.fit.placement for label, found in fittings.items() if found is not None}
    )


def _header(
    hub: Hub, transfer: Transfer, repository: Repository, model: HubModel
) -> ModelDescription | None:
    file = model.files[0]
    address = hub.address(repository.name, repository.revision, file.path)
    try:
        return describe(
            read_metadata(RemoteSource(transfer, address, file.size_bytes), _HEADER_BYTES), ()
        )
    except GgufError:
        return None


def _stem(model: HubModel) -> str:
    """The file's path without what tells its quantization; models that share it share a shape."""
    path = model.files[0].path
    folder, _, name = path.casefold().rpartition("/")
    label = quantization_label(path).casefold()
    head, found, _ = name.partition(label)
    alone = label in folder.split("/")  # a folder for each quantization
    return (head if alone else f"{folder}/{head}") if found and head else path
