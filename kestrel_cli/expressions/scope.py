"""What filters and functions may ask the world for, and what they see of the running template.

Expressions have no other way out: no file, clock, network or environment is touched except through
`Services`. A run hands in its own; `BareServices` serves expressions that belong to no flow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from kestrel_cli.errors import RenderError

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from kestrel_cli.model.masker import Masker


class Missing:
    """The type of `MISSING`: "there is no such variable", as opposed to null."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = Missing()


class Services(Protocol):
    """The world as expressions see it. Every method may raise RenderError and nothing else."""

    @property
    def masker(self) -> Masker | None:
        """What hides the secrets that were read and what is made of them; None: nothing does."""

    @property
    def zone(self) -> str:
        """The server's time zone, such as `UTC` or `Europe/Paris`."""

    @property
    def random(self) -> random.Random:
        """The source of random values; a run may seed it."""

    def now(self) -> datetime:
        """The current time, aware."""

    def secret(self, key: str, namespace: str | None, subkey: str | None) -> str:
        """The secret's text."""

    def kv(self, key: str, namespace: str | None, *, error_on_missing: bool) -> object:
        """The stored value; null for a missing key when that is no error."""

    def read(self, uri: str, namespace: str | None) -> bytes:
        """The content of a namespace file or of a file in internal storage."""

    def file_uri(self, path: str, namespace: str | None) -> str:
        """The `kestra:///` URI of a namespace file."""

    def file_size(self, uri: str) -> int:
        """The file's size in bytes."""

    def file_exists(self, uri: str) -> bool:
        """Whether the file is there."""

    def error_logs(self) -> list[dict[str, object]]:
        """The error log entries of the execution, oldest first."""

    def http(self, request: dict[str, object]) -> object:
        """Send a request (`uri method query body contentType headers options accept`)."""


class Scope(Protocol):
    """The running template: its variables, its way to render more text, its services."""

    @property
    def services(self) -> Services:
        """The world."""

    def lookup(self, name: str) -> object:
        """The variable's value, or `MISSING`."""

    def part(self, name: str, key: str) -> object:
        """`name.key` where that is cheaper than the whole variable, else MISSING."""

    def variables(self) -> dict[str, object]:
        """The whole context."""

    def render(self, text: str, *, recursive: bool = False) -> object:
        """Render `text` in the same context: once and typed, or until it stops changing."""


class BareServices:
    """The real clock, the system's zone, secrets from the environment; everything else refuses."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        import os

        self._environ = os.environ if environ is None else environ
        self.zone = self._environ.get("TZ", "").lstrip(":") or "UTC"
        self.masker: Masker | None = None
        self.frozen: Callable[[], int] | None = None  # microseconds since 1970, when time stands
        self._random: random.Random | None = None

    @property
    def random(self) -> random.Random:
        """Ids and jitter, not keys. Made when first asked for: importing the module costs 2 ms."""
        if self._random is None:
            from random import Random

            self._random = Random()
        return self._random

    def now(self) -> datetime:
        """The current time in `zone`, or in UTC when the system does not know that zone."""
        from datetime import UTC, datetime, timedelta
        from zoneinfo import ZoneInfo

        moment = datetime.now(UTC)
        if self.frozen is not None:
            moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=self.frozen())
        try:
            return moment.astimezone(ZoneInfo(self.zone))
        except (ValueError, OSError, KeyError):
            return moment

    def secret(self, key: str, namespace: str | None, subkey: str | None) -> str:
        """`KESTREL_SECRET_<KEY>` of the environment as it is, else `SECRET_<KEY>` from base64."""
        from base64 import b64decode

        plain = self._environ.get(f"KESTREL_SECRET_{key.upper()}")
        if plain is not None:
            return plain if subkey is None else part_of_secret(plain, key, subkey)
        encoded = self._environ.get(f"SECRET_{key.upper()}")
        if encoded is None:
            name = f"SECRET_{key.upper()}"
            raise RenderError(
                f"Cannot find secret for key '{key}'.",
                hint=f"set the environment variable KESTREL_{name}, or {name} in base64",
            )
        try:
            text = b64decode("".join(encoded.split()), validate=True).decode("utf-8")
        except ValueError:
            raise RenderError(
                f"the secret '{key}' is not base64 text",
                hint=f"set SECRET_{key.upper()} to the base64 form of the secret",
            ) from None
        return text if subkey is None else part_of_secret(text, key, subkey)

    def kv(self, key: str, namespace: str | None, *, error_on_missing: bool) -> object:
        raise _needs_flow("kv")

    def read(self, uri: str, namespace: str | None) -> bytes:
        raise _needs_flow("read")

    def file_uri(self, path: str, namespace: str | None) -> str:
        """The URI follows from the names alone; whether the file is there shows when it is read."""
        if not namespace:
            raise _needs_flow("fileURI")
        return f"kestra:///{namespace.replace('.', '/')}/_files/{path.lstrip('/')}"

    def file_size(self, uri: str) -> int:
        raise _needs_flow("fileSize")

    def file_exists(self, uri: str) -> bool:
        raise _needs_flow("fileExists")

    def error_logs(self) -> list[dict[str, object]]:
        raise _needs_flow("errorLogs")

    def http(self, request: dict[str, object]) -> object:
        raise _needs_flow("http")


def _needs_flow(function: str) -> RenderError:
    return RenderError(f"the function `{function}` is not available without a flow")


def part_of_secret(text: str, key: str, subkey: str) -> str:
    import json

    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, dict) or subkey not in values:
        raise RenderError(f"Cannot find secret sub-key '{subkey}' in secret '{key}'.")
    value = values[subkey]
    return value if isinstance(value, str) else json.dumps(value)
