"""What a running task may reach outside: files in storage and in namespaces, key-values, the log.

These are promises only; `app/reach.py` keeps them. Addresses of files are texts such as
`kestra:///company/team/flow/executions/ID/tasks/x/y/data.ion` (internal storage),
`nsfile:///path` (the flow's namespace), `nsfile://other.namespace/path` and `file:///path` (below
the flow file's folder). Every method may raise TaskFailed or RenderError, in words for the user.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

from kestrel_cli.model.record import record

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from contextlib import AbstractContextManager
    from datetime import datetime
    from pathlib import Path


@record
class About:
    """Which attempt this is, and what the user decided for the whole run.

    `environ` is the environment that child processes get, without secrets; `settings` holds
    decisions such as `{"containers": "auto"}`.
    """

    namespace: str
    flow: str
    execution: str
    task: str
    type: str
    task_run: str
    value: str | None
    attempt: int  # attempts that ended before this one
    environ: Mapping[str, str]
    offline: bool
    settings: Mapping[str, str]


class NewFile(Protocol):
    """A file on its way into internal storage; it has its address once it is closed."""

    @property
    def stream(self) -> BinaryIO:
        """What to write to."""

    @property
    def uri(self) -> str:
        """Where the file can be read when the `with` block has ended."""


class NamespaceFiles(Protocol):
    """The files of one namespace: a folder. Names are relative, with `/`; none leads out."""

    def names(self) -> list[str]:
        """Every regular file, sorted."""

    def path(self, name: str) -> Path:
        """The place of a file that is there, to be read only."""

    def open(self, name: str) -> BinaryIO:
        """Read a file."""

    def write(self, name: str, source: BinaryIO | bytes) -> None:
        """Write a whole file, parents too; the old one stays until the new one is whole."""

    def delete(self, name: str) -> bool:
        """Take a file away, or an empty folder; whether it was there."""

    def uri(self, name: str) -> str:
        """The file's `kestra:///` address, there or not."""


class Files(Protocol):
    """Files as one attempt sees them."""

    def folder(self) -> Path:
        """The working directory: made when first asked for, taken away after the attempt. Children
        of one WorkingDirectory share theirs.
        """

    def scratch(self, name: str) -> AbstractContextManager[Path]:
        """A new, empty folder for the user alone, gone when the block ends; its name begins with
        `name`. Scripts that run in the working directory do not find it when they look around.
        """

    def kept(self, name: str) -> Path:
        """A folder for the user alone that attempts of this execution share under this name, as far
        as they can; gone when it ends. Scripts do not find it either.
        """

    def open(self, uri: str) -> BinaryIO:
        """Read the file at an address."""

    def local(self, uri: str) -> Path:
        """A path with the content of the file at an address, to be read only."""

    def create(self, name: str = "") -> AbstractContextManager[NewFile]:
        """A new file in internal storage, below this task run. A `name` that is only an extension
        (`.ion`) or empty gets a unique stem. Leaving the block by an exception leaves no file.
        """

    def put(self, source: Path | bytes, name: str = "") -> str:
        """Copy a file or bytes into internal storage; returns the address. Links in the working
        directory are not followed out of it.
        """

    def delete(self, uri: str) -> bool:
        """Take a file out of internal storage; whether it was there."""

    def size(self, uri: str) -> int:
        """In bytes."""

    def exists(self, uri: str) -> bool:
        """Whether there is a regular file."""

    def purge(self) -> list[str]:
        """Take away every file of this execution; returns their addresses."""

    def namespace(self, name: str | None = None) -> NamespaceFiles:
        """The files of a namespace, of the flow's own when there is no name."""


class KeyValues(Protocol):
    """The key-value store. No namespace means the flow's own."""

    def get(self, key: str, namespace: str | None = None) -> list[Any]:
        """The value in a list, empty when there is none. Without a namespace the parents of the
        flow's own are asked too, nearest first; what `--kv` gives comes before everything.
        """

    def set(
        self, key: str, value: object, namespace: str | None = None, ttl: float | None = None
    ) -> None:
        """Store a value (anything JSON can hold), for `ttl` seconds or for good."""

    def delete(self, key: str, namespace: str | None = None) -> bool:
        """Take a key away; whether it was there."""

    def keys(self, namespace: str | None = None) -> list[str]:
        """All keys, sorted."""

    def purge(self, wanted: Callable[[str, str], bool], *, expired: bool) -> int:
        """Take keys away for good, of every namespace: those that are `wanted` (namespace, key), or
        of these only the `expired` ones. Returns how many there were.
        """


@record
class Entry:
    """One log entry as others read it; `at` is aware, in UTC."""

    at: datetime
    level: str
    message: str
    namespace: str
    flow: str
    execution: str
    task: str | None = None
    task_run: str | None = None
    value: str | None = None
    attempt: int = 0


class Logs(Protocol):
    """What executions have logged."""

    def entries(self, execution: str | None = None) -> Iterable[Entry]:
        """The entries of an execution, of the running one when there is no id, oldest first."""


@record
class Past:
    """An execution as a list tells of it; moments are aware, in UTC."""

    id: str
    namespace: str
    flow: str
    state: str
    started: datetime
    ended: datetime | None = None


@record
class Those:
    """Which executions are meant. Without a `flow` the namespace means those below it, too; no
    states mean all of them.
    """

    namespace: str | None = None
    flow: str | None = None
    after: datetime | None = None
    before: datetime | None = None
    states: Collection[str] = ()


@record
class Purged:
    """What was taken away with executions: how many of them, of their lines and of their files."""

    executions: int = 0
    logs: int = 0
    metrics: int = 0
    files: int = 0


@record
class Swept:
    """What came of looking through the files of executions: the executions whose files were
    looked at, those with files that are meant, and the files that are gone.
    """

    scanned: int = 0
    purged: int = 0
    deleted: int = 0


class Executions(Protocol):
    """The executions in the state directory. Those that another one has started belong to it."""

    def listed(self) -> list[Past]:
        """All of them, the latest first."""

    def purge(self, those: Those, *, journals: bool, files: bool) -> Purged:
        """Take away their journals, with logs and metrics, and their files in internal storage.
        What runs stays.
        """

    def sweep(self, those: Those, *, dry: bool) -> Swept:
        """Take away the files in internal storage that were last written between the moments,
        whether or not there is a journal of their execution. What runs keeps its files. When it
        is `dry`, only count.
        """

    def going_on(
        self, execution: str, inputs: Iterable[str]
    ) -> tuple[list[str], Mapping[str, str]]:
        """The command that goes on with a paused execution, and its environment, that has all
        secrets; inputs are as for `kestrel resume`.
        """
