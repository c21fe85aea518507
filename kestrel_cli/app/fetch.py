"""The files that executions have made, found in internal storage and copied out of it."""

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NamedTuple

from kestrel_cli.app.history import path_of, state_folder
from kestrel_cli.app.prune import stored_folders
from kestrel_cli.app.request import Files
from kestrel_cli.errors import NothingMatched, RenderError, StoreError
from kestrel_cli.model.execution import Execution
from kestrel_cli.reporters.family import family
from kestrel_cli.store.files import STORAGE
from kestrel_cli.store.storage import SCHEME, Storage, files_below, name_of

_OUTPUTS: Final = "outputs.json"


class Stored(NamedTuple):
    """A file of an execution: its name below the folder of that, and where it is."""

    name: str
    path: Path

    @property
    def size(self) -> int:
        """In bytes."""
        return self.path.stat().st_size


def stored_of(execution_id: str, state_dir: str | None, environ: Mapping[str, str]) -> list[Stored]:
    """All files that a run has put into storage. Raises NothingMatched, CannotStart."""
    journal = path_of(execution_id, state_dir, environ)
    folders = stored_folders(state_folder(state_dir, environ), journal)
    return [Stored(name, folder / name) for folder in folders for name in files_below(folder)]


def chosen(files: list[Stored], name: str) -> list[Stored]:
    """The files of this name: a whole one, its end, or an address. Raises NothingMatched."""
    if name.startswith(SCHEME):
        with suppress(RenderError):
            name = name_of(name)
        found = [one for one in files if name.endswith(f"/{one.name}")]
    else:
        found = [one for one in files if one.name == name]
        found = found or [one for one in files if f"/{one.name}".endswith(f"/{name}")]
    if not found:
        raise NothingMatched(f"the execution has no file `{name}`")
    return found


class InStorage:
    """The internal storage of this machine."""

    def __init__(self, root: Path) -> None:
        self._storage = Storage(root)

    def name(self, uri: str) -> str | None:
        """The name of a file; None when it was removed."""
        try:
            return self._storage.path(uri).name
        except RenderError:
            return None

    def copy(self, uri: str, target: Path) -> bool:
        """Copy it; False when it was removed."""
        try:
            shutil.copyfile(self._storage.path(uri), target)
        except RenderError:
            return False
        return True


def write_outputs(execution: Execution, folder: str, source: Files) -> list[Path]:
    """Write the flow's outputs into a folder, as `outputs.json`, and each file that the outputs of
    the flow and of its task runs name, by its name; what was written. Raises StoreError.
    """
    place = Path(folder)
    names: dict[str, str] = {_OUTPUTS: ""}  # name -> address
    written = []
    try:
        place.mkdir(parents=True, exist_ok=True)
        for task, uri in _addresses(execution):
            if uri in names.values():
                continue
            own = source.name(uri)
            if own is None:
                continue
            name = _free(own, task, names)
            if source.copy(uri, place / name):
                names[name] = uri
                written.append(place / name)
        shown = execution.masker.shown(execution.outputs or {})
        text = json.dumps(shown, indent=2, ensure_ascii=False, default=str)
        (place / _OUTPUTS).write_text(f"{text}\n", "utf-8", "backslashreplace")
    except OSError as error:
        raise StoreError(f"`--output-dir {folder}`: {error.strerror or error}") from None
    return [place / _OUTPUTS, *written]


def storage_root(state_dir: str | None, environ: Mapping[str, str]) -> Path:
    """The folder of internal storage. Raises CannotStart."""
    return state_folder(state_dir, environ) / STORAGE


def copy_to(files: list[Stored], target: Path, *, force: bool) -> list[Path]:
    """Copy files into a folder, or one to a new name. Raises StoreError; nothing that is there is
    written over without `force`.
    """
    copied: list[Path] = []
    for one in files:
        into = target.is_dir() or len(files) > 1
        place = target / Path(one.name).name if into else target
        if place in copied or (place.exists() and not force):
            raise StoreError(f"`{place}` is there already: `--force` writes over it")
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(one.path, place)
        except OSError as error:
            raise StoreError(f"`{place}` can't be written: {error.strerror or error}") from None
        copied.append(place)
    return copied


def _free(name: str, task: str, taken: Mapping[str, str]) -> str:
    """A name that no other file has."""
    found, number = name, 1
    while found in taken:
        found = f"{task}-{name}" if number == 1 else f"{task}-{number}-{name}"
        number += 1
    return found


def _addresses(root: Execution) -> Iterator[tuple[str, str]]:
    """Addresses in the flow's outputs, then in those of task runs, each with who has it."""
    for uri in _within(root.outputs):
        yield root.flow.id, uri
    for execution in family(root):
        for run in execution.listed():
            for uri in _within(run.outputs):
                yield run.task.id, uri


def _within(value: Any) -> Iterator[str]:
    todo = [value]
    while todo:
        one = todo.pop()
        if isinstance(one, str):
            if one.startswith(SCHEME):
                yield os.fspath(one)
        elif isinstance(one, dict):
            todo += reversed(one.values())
        elif isinstance(one, (list, tuple)):
            todo += reversed(one)
