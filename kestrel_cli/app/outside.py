"""What lies outside of a run, put together: secrets, key-values, files and HTTP for expressions.

Imported when an expression first asks for one of them; each part is opened when it is asked for.
"""

import re
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import quote, unquote

from kestrel_cli.errors import RenderError, TaskFailed
from kestrel_cli.model.file_names import parts_of
from kestrel_cli.model.flow import Flow
from kestrel_cli.store.directory import state_directory
from kestrel_cli.store.files import (
    STORAGE,
    NoSuchFile,
    read_confined,
    size_confined,
)
from kestrel_cli.store.secrets import PLAIN, Secrets
from kestrel_cli.worker.services import Given

NAMESPACE_FILES: Final = "_files"
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:/")


class _KeyValues(Protocol):
    """What `store/kv.py` makes, which is imported when a key is first asked for."""

    def get(self, namespace: str, key: str) -> list[Any]:
        """The value in a list; empty when there is none."""

    def set(self, namespace: str, key: str, value: object, ttl: float | None = None) -> bool:
        """Whether the value was stored."""

    def delete(self, namespace: str, key: str) -> bool:
        """Whether there was one."""

    def keys(self, namespace: str) -> list[str]:
        """All of a namespace, sorted."""

    def purge(self, wanted: Callable[[str, str], bool], *, expired: bool) -> int:
        """How many keys were taken away."""


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

    def get(self, key: str, namespace: str | None = None) -> list[Any]:
        """The value as `value` finds it, under the name that tasks know."""
        return self.value(key, namespace)

    def set(
        self, key: str, value: object, namespace: str | None = None, ttl: float | None = None
    ) -> None:
        """Store a value; it hides what `--kv` gave. Raises TaskFailed."""
        if not self._values or not self._values.set(namespace or self._own("kv"), key, value, ttl):
            raise TaskFailed(f"the key `{key}` can't be stored: see the warning")
        self._given.kv = {name: kept for name, kept in self._given.kv.items() if name != key}

    def delete(self, key: str, namespace: str | None = None) -> bool:
        """Take a key away, from what `--kv` gave too."""
        given = key in self._given.kv
        self._given.kv = {name: kept for name, kept in self._given.kv.items() if name != key}
        return (
            bool(self._values and self._values.delete(namespace or self._own("kv"), key)) or given
        )

    def keys(self, namespace: str | None = None) -> list[str]:
        """All keys of a namespace and of `--kv`, sorted."""
        stored = self._values.keys(namespace or self._own("kv")) if self._values else []
        return sorted({*stored, *self._given.kv})

    def purge(self, wanted: Callable[[str, str], bool], *, expired: bool) -> int:
        """Take keys out of the store; what `--kv` gave stays."""
        return self._values.purge(wanted, expired=expired) if self._values else 0

    def read(self, uri: str, namespace: str | None) -> bytes:
        """At most 10 MB."""
        folder, name = self.place(uri, namespace)
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
        return size_confined(*self.place(uri, None))

    def file_exists(self, uri: str) -> bool:
        """False for what is no regular file, too."""
        try:
            size_confined(*self.place(uri, None))
        except NoSuchFile:
            return False
        return True

    @property
    def offline(self) -> bool:
        """Whether no requests are made."""
        return self._given.offline

    def http(self, request: dict[str, object]) -> object:
        """The body of the answer, JSON as data."""
        from kestrel_cli.worker.http import fetch

        if self.offline:
            raise RenderError("the function `http` is refused: `--offline` allows no requests")
        return fetch(request)

    @cached_property
    def _secrets(self) -> Secrets:
        return Secrets(self._given.secrets, self._environ, self._warn)

    @cached_property
    def _values(self) -> _KeyValues | None:
        from kestrel_cli.store.kv import FILE, KeyValues

        try:
            state = state_directory(self._state_dir, self._environ)
        except OSError as error:
            self._warn(f"there is no key-value store: {error}")
            return None
        return KeyValues(state / FILE, self._warn)

    def place(self, uri: str, namespace: str | None) -> tuple[Path, str]:
        """The folder that an address lies in, and the name in there."""
        if uri.startswith("kestra:///"):
            path = unquote(uri.removeprefix("kestra:///"))
            space, files, name = path.partition(f"/{NAMESPACE_FILES}/")
            if files:
                return self.files_of(space.replace("/", ".")), name
            return self._storage(uri), path
        if uri.startswith("nsfile://"):
            space, _, name = uri.removeprefix("nsfile://").partition("/")
            return self.files_of(space or self._own("read")), unquote(name)
        if uri.startswith("file://"):
            return self._beside(uri)
        if _SCHEME.match(uri):
            raise RenderError(
                f"Unable to read the file {uri!r}: "
                "only `kestra:///`, `nsfile:///` and `file:///` addresses are read"
            )
        return self.files_of(namespace or self._own("read")), uri

    def files_of(self, namespace: str) -> Path:
        """The folder of a namespace's files. Raises RenderError."""
        if namespace == self._namespace and self._given.namespace_files is not None:
            return Path(self._given.namespace_files)
        if len(parts_of(namespace)) != 1 or "/" in namespace or "\\" in namespace:
            raise RenderError(f"{namespace!r} is no namespace")
        return self._folder / NAMESPACE_FILES / namespace

    def storage(self) -> Path:
        """The folder of internal storage. Raises TaskFailed when there is no place for one."""
        try:
            return state_directory(self._state_dir, self._environ) / STORAGE
        except OSError as error:
            raise TaskFailed(f"there is no internal storage: {error}") from None

    def environ_with_secrets(self) -> dict[str, str]:
        """The environment for a run of ours that this one starts: it finds the secrets that this
        one was given.
        """
        given = {f"{PLAIN}{name.upper()}": text for name, text in self._given.secrets.items()}
        return {**self._environ, **given}

    def state(self) -> Path:
        """The state directory. Raises TaskFailed when there is no place for one."""
        return self.storage().parent

    def _storage(self, uri: str) -> Path:
        try:
            return self.storage()
        except TaskFailed as error:
            raise RenderError(f"Unable to read the file {uri!r}: {error}") from None

    def _beside(self, uri: str) -> tuple[Path, str]:
        """`file://` reaches what lies in the flow file's folder, and nothing else."""
        path = Path(unquote(uri.removeprefix("file://")))
        try:
            return self._folder, path.relative_to(self._folder).as_posix()
        except ValueError:
            raise RenderError(
                f"Unable to read the file {uri!r}: "
                "only files below the folder of the flow file are read"
            ) from None

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
