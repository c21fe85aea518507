"""A server that a command was pointed at, and how to point another command at it."""

import shlex
from collections.abc import Callable, Mapping
from typing import Any, Final

from kestrel_cli.model.record import record
from kestrel_cli.server.asking import Asking
from kestrel_cli.server.connection import Connection, connected
from kestrel_cli.server.contexts import Context, context_of, known_contexts

DEFAULT: Final = "default"  # with `--on`: the one that the environment names
_VARIABLE: Final = "KESTREL_CONTEXT"


@record
class Place:
    """A server that was found. `options` name it on a command line."""

    server: Connection
    options: str

    @property
    def host(self) -> str:
        """Its address, for messages."""
        return self.server.host

    def command(self, action: str, execution: str) -> str:
        """What to type to do something with an execution there."""
        return f"kestrel executions {action} {execution} {self.options}"


def context_named(
    on: str | None,
    url: str | None,
    tenant: str | None,
    environ: Mapping[str, str],
    contexts: Mapping[str, Mapping[str, Any]],
) -> Context:
    """The server that options name; nothing is asked yet. Raises UsageError, CannotStart,
    NothingMatched.
    """
    if on == DEFAULT and url is None and DEFAULT not in known_contexts(environ, contexts):
        on = environ.get(_VARIABLE) or None
    return context_of(on, url, environ, contexts, tenant=tenant)


def place_of(
    context: Context, on: str | None, tenant: str | None, asking: Callable[[Context], Asking]
) -> Place:
    """Find the server of a context. Raises LoginRefused, Unreachable, ServerError."""
    words = ["--on", on] if on is not None else ["--server", context.host]
    if tenant is not None:
        words += ["--tenant", tenant]
    return Place(connected(asking(context)), shlex.join(words))
