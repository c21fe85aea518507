"""What lies outside of a run, put together: secrets, key-values, files and HTTP for expressions.

Imported when an expression first asks for one of them; each part is opened when it is asked for.
"""

import re
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, unquote

from kestrel_cli.errors import RenderError
from kestrel_cli.model.flow import Flow
from kestrel_cli.store.directory import state_directory
from kestrel_cli.store.files import (
    STORAGE,
    NoSuchFile,
    parts_of,
    read_confined,
    size_confined,
)
from kestrel_cli.store.secrets import Secrets
from kestrel_cli.worker.services import Given

if TYPE_CHECKING:
    from kestrel_cli.store.kv import KeyValues

NAMESPACE_FILES: Final = "_files"
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:/")


class Outside:
    """The sources of one run, or of an expression that belongs to no flow."""

    def __init__(
        self,
        given: Given,
        environ: Mapping[str, str],
        *,
        flow: Flow | None = None,
        namespace: str | None = None,
        state_dir: str | None = None,
        warn: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._given = given
        self._environ = environ
        self._namespace = flow.namespace if flow is not None else namespace
        self._folder = _folder_of(flow)
        self._state_dir = state_dir
        self._warn = warn

    def secret(self, key: str) -> str | None:
        """From `--secrets-file`, then KESTREL_SECRET_X, then SECRET_X in base64."""
        return self._secrets.find(key)

    def value(self, key: str, namespace: str | None) -> list[Any]:
        """`--kv` first, whatever the namespace; then the store: the namespace asked for, or the
        flow's own and its parents, nearest first.
        """
        if key in self._given.kv:
            return [self._given.kv[key]]
        space = namespace or self._own("kv")
        while not (found := self._values.get(space, key) if self._values else []):
            if namespace or "." not in space:
                return []
            space = space.rpartition(".")[0]
        return found

    def read(self, uri: str, namespace: str | None) -> bytes:
        """At most 10 MB."""
        folder, name = self._place(uri, namespace)
        try:
            return read_confined(folder, name)
        except NoSuchFile as error:
            error.hint = self._where(uri, folder)
            raise

    def file_uri(self, path: str, namespace: str | None) -> str:
        """The address Kestra gives; the file need not be there."""
        space = namespace or self._own("fileURI")
        parts = parts_of(path.removeprefix("/"))
        return f"kestra:///{space.replace('.', '/')}/{NAMESPACE_FILES}/{quote('/'.join(parts))}"

    def file_size(self, uri: str) -> int:
        """In bytes, from the file system."""
        return size_confined(*self._place(uri, None))

    def file_exists(self, uri: str) -> bool:
        """False for what is no regular file, too."""
        try:
            size_confined(*self._place(uri, None))
        except NoSuchFile:
            return False
        return True

    def http(self, request: dict[str, object]) -> object:
        """The body of the answer, JSON as data."""
        from kestrel_cli.worker.http import fetch

        if self._given.offline:
            raise RenderError("the function `http` is refused: `--offline` allows no requests")
        return fetch(request)

    @cached_property
    def _secrets(self) -> Secrets:
        return Secrets(self._given.secrets, self._environ, self._warn)

    @cached_property
    def _values(self) -> "KeyValues | None":
        from kestrel_cli.store.kv import FILE, KeyValues

        try:
            state = state_directory(self._state_dir, self._environ)
        except OSError as error:
            self._warn(f"there is no key-value store: {error}")
            return None
        return KeyValues(state / FILE, self._warn)

    def _place(self, uri: str, namespace: str | None) -> tuple[Path, str]:
        """The folder that an address lies in, and the name in there."""
        if uri.startswith("kestra:///"):
            path = unquote(uri.removeprefix("kestra:///"))
            space, files, name = path.partition(f"/{NAMESPACE_FILES}/")
            if files:
                return self._files_of(space.replace("/", ".")), name
            return self._storage(uri), path
        if uri.startswith("nsfile://"):
            space, _, name = uri.removeprefix("nsfile://").partition("/")
            return self._files_of(space or self._own("read")), unquote(name)
        if _SCHEME.match(uri):
            raise RenderError(
                f"Unable to read the file {uri!r}: "
                "only namespace files and `kestra:///` addresses are read"
            )
        return self._files_of(namespace or self._own("read")), uri

    def _files_of(self, namespace: str) -> Path:
        if namespace == self._namespace and self._given.namespace_files is not None:
            return Path(self._given.namespace_files)
        if len(parts_of(namespace)) != 1 or "/" in namespace or "\\" in namespace:
            raise RenderError(f"{namespace!r} is no namespace")
        return self._folder / NAMESPACE_FILES / namespace

    def _storage(self, uri: str) -> Path:
        try:
            return state_directory(self._state_dir, self._environ) / STORAGE
        except OSError as error:
            raise RenderError(f"Unable to read the file {uri!r}: {error}") from None

    def _own(self, function: str) -> str:
        if self._namespace is None:
            raise RenderError(f"the function `{function}` is not available without a flow")
        return self._namespace

    def _where(self, uri: str, folder: Path) -> str | None:
        if uri.startswith("kestra:///") or folder.parent.name != NAMESPACE_FILES:
            return None
        return (
            f"put it into the folder `{NAMESPACE_FILES}/{folder.name}` next to the flow file, "
            "or name a folder with `--namespace-files`"
        )


def _folder_of(flow: Flow | None) -> Path:
    """The flow file's own folder; the current one for standard input."""
    file = flow.where.file if flow is not None else ""
    return Path(file).absolute().parent if file and file != "-" else Path.cwd()
