"""Files of an execution on a server, fetched to this machine."""

import re
from pathlib import Path
from typing import Final, NamedTuple

from kestrel_cli.app.elsewhere.place import Place
from kestrel_cli.errors import NothingMatched, NotThere, StoreError
from kestrel_cli.server.documents import Document
from kestrel_cli.server.files import download, name_of, uris

_OWNER: Final = re.compile(r"/executions/([0-9A-Za-z]+)/")


class OnServer:
    """Where files are that executions have made there."""

    def __init__(self, place: Place, execution: str) -> None:
        self._place = place
        self._execution = execution

    def name(self, uri: str) -> str | None:
        """The name of a file."""
        return name_of(uri)

    def copy(self, uri: str, target: Path) -> bool:
        """Fetch it; False when it is not there any more. Raises ServerError, CannotStart."""
        owner = _OWNER.search(uri)
        execution = owner[1] if owner else self._execution
        try:
            download(self._place.server, execution, uri, target)
        except NotThere:
            return False
        return True


class Remote(NamedTuple):
    """A file that outputs of an execution name."""

    uri: str

    @property
    def path(self) -> str:
        """Its place in the storage, as one names it: from the namespace on."""
        return self.uri.partition("://")[2].lstrip("/")

    @property
    def name(self) -> str:
        return name_of(self.uri)


def files_of(document: Document) -> list[Remote]:
    """The files that outputs of an execution name."""
    return [Remote(uri) for uri in uris(document)]


def chosen(files: list[Remote], name: str) -> list[Remote]:
    """The files of this name: an address, a path, or the end of one. Raises NothingMatched."""
    wanted = name.partition("://")[2].lstrip("/") if "://" in name else name
    found = [one for one in files if f"/{one.path}".endswith(f"/{wanted}")]
    if not found:
        raise NothingMatched(f"the execution has no file `{name}`")
    return found


def fetched(
    place: Place, execution: str, files: list[Remote], target: Path, *, force: bool
) -> list[Path]:
    """Copy files into a folder, or one to a new name. Raises StoreError for what is there already,
    NotThere, ServerError.
    """
    source = OnServer(place, execution)
    copied: list[Path] = []
    for one in files:
        into = target.is_dir() or len(files) > 1
        to = target / one.name if into else target
        if to in copied or (to.exists() and not force):
            raise StoreError(f"`{to}` is there already: `--force` writes over it")
        try:
            to.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"`{to}` can't be written: {error.strerror or error}") from None
        if not source.copy(one.uri, to):
            raise NotThere(f"{place.host} does not have the file `{one.path}` any more")
        copied.append(to)
    return copied
