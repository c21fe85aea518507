"""What expressions of a run may ask the world for."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Protocol

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions.scope import BareServices
from kestrel_cli.model.event import LogLine
from kestrel_cli.model.masker import Masker, Origin
from kestrel_cli.model.moment import iso_instant
from kestrel_cli.model.record import fresh, record

_TENANT: Final = "main"  # the one that a Kestra without tenants has
_THREAD: Final = "main"


@record
class Given:
    """What the user gives a run besides inputs: secrets and key-values for this run only, the
    folder of the flow's namespace files (None: the usual one), whether requests are refused, and
    what tasks are told of the user's choices (`containers`).
    """

    secrets: Mapping[str, str] = fresh(factory=dict)
    kv: Mapping[str, object] = fresh(factory=dict)
    namespace_files: str | None = None
    offline: bool = False
    settings: dict[str, str] = fresh(factory=dict)


class Sources(Protocol):
    """What lies outside of a run. Every method may raise RenderError and nothing else."""

    def secret(self, key: str) -> str | None:
        """The secret; None when no source has it."""

    def value(self, key: str, namespace: str | None) -> list[Any]:
        """The stored value in a list, empty when there is none; no namespace is the flow's own."""

    def read(self, uri: str, namespace: str | None) -> bytes:
        """The content of a file."""

    def file_uri(self, path: str, namespace: str | None) -> str:
        """The address of a namespace file, there or not."""

    def file_size(self, uri: str) -> int:
        """The size of a file in bytes."""

    def file_exists(self, uri: str) -> bool:
        """Whether the file is there."""

    def http(self, request: dict[str, object]) -> object:
        """The body of an HTTP answer."""


class RunServices(BareServices):
    """The services of one execution. `errors` gives its ERROR log lines so far; `sources` is called
    when an expression first asks for something outside.
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        *,
        errors: Callable[[], list[LogLine]],
        described: Callable[[LogLine], dict[str, Any]],
        sources: Callable[[], Sources],
        namespace: str | None = None,
        masker: Masker | None = None,
        warn: Callable[[str], None] = lambda _: None,
    ) -> None:
        super().__init__(environ)
        self.masker: Masker = masker or Masker()
        self._warn = warn
        self._errors = errors
        self._described = described
        self._namespace = namespace
        self._make_sources = sources
        self._made: Sources | None = None

    @property
    def _sources(self) -> Sources:
        if self._made is None:
            self._made = self._make_sources()
        return self._made

    def has_secret(self, key: str) -> bool:
        """Whether `secret(key)` would find something; it is not read as one."""
        return self._sources.secret(key) is not None

    def secret(self, key: str, namespace: str | None, subkey: str | None) -> str:
        """The secret of the first source that has it; hidden from now on."""
        found = self._sources.secret(key)
        if found is None:
            name = key.upper()
            raise RenderError(
                f"Cannot find secret for key '{key}'.",
                hint=f"set the environment variable KESTREL_SECRET_{name}, "
                f"or SECRET_{name} in base64",
            )
        what = f"the secret `{key}`"
        origin = Origin("secret", key.upper())
        if subkey is None:
            hide(self.masker, found, what, self._warn, origin)
            return found
        from kestrel_cli.expressions.scope import part_of_secret

        self.masker.add(found, origin)
        part = part_of_secret(found, key, subkey)
        hide(self.masker, part, what, self._warn, made_of=[found])
        return part

    def kv(self, key: str, namespace: str | None, *, error_on_missing: bool) -> object:
        """The stored value; without a namespace the flow's own and its parents are asked."""
        found = self._sources.value(key, namespace)
        if found:
            return found[0]
        if not error_on_missing:
            return None
        where = namespace or self._namespace
        raise RenderError(
            f"The key '{key}' does not exist in the namespace '{where}'.",
            hint=f"give it with `--kv {key}=VALUE`",
        )

    def read(self, uri: str, namespace: str | None) -> bytes:
        """The content of a namespace file or of a file in internal storage."""
        return self._sources.read(uri, namespace)

    def file_uri(self, path: str, namespace: str | None) -> str:
        """The `kestra:///` address of a namespace file, there or not."""
        return self._sources.file_uri(path, namespace)

    def file_size(self, uri: str) -> int:
        """The size of a file in bytes."""
        return self._sources.file_size(uri)

    def file_exists(self, uri: str) -> bool:
        return self._sources.file_exists(uri)

    def http(self, request: dict[str, object]) -> object:
        return self._sources.http(request)

    def error_logs(self) -> list[dict[str, object]]:
        """The ERROR entries of the execution, oldest first."""
        return [self._described(line) for line in self._errors()]


def hide(
    masker: Masker,
    secret: str,
    what: str,
    warn: Callable[[str], None],
    origin: Origin | None = None,
    made_of: Sequence[str] = (),
) -> None:
    """Hide a secret in everything that is shown (`Masker.add`); warn once of one that is too short
    or too common for that.
    """
    if not masker.add(secret, origin, made_of=made_of) and what not in masker.refused:
        masker.refused.append(what)
        warn(f"{what} is too short or too common to be hidden in what is shown")


def prefixed_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """What `envs` shows: variables ENV_X (or KESTRA_X, older) as `x`; of both, ENV_X wins."""
    found: dict[str, str] = {}
    for prefix in ("KESTRA_", "ENV_"):
        for name in environ:  # names only: each value that is asked for is decoded
            if name.startswith(prefix) and len(name) > len(prefix):
                found[name.removeprefix(prefix).lower()] = environ[name]
    return found


def log_entry(line: LogLine, names: Mapping[str, str | None]) -> dict[str, Any]:
    """A log line in Kestra's shape, without what is not known."""
    entry = {"tenantId": _TENANT, **names, "attemptNumber": line.attempt}
    entry |= {"timestamp": iso_instant(line.at), "level": line.level}
    entry |= {"thread": _THREAD, "message": line.message}
    return {key: value for key, value in entry.items() if value is not None}
