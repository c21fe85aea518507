"""A server that has been found: what all its parts are asked through."""

import json
from collections.abc import Iterable
from typing import Any, Final

from kestrel_cli.errors import ServerError
from kestrel_cli.server.answers import BARE, Answer, list_of, map_of
from kestrel_cli.server.asking import Asking, Query, Question
from kestrel_cli.server.contexts import Context
from kestrel_cli.server.surface import Surface, discover
from kestrel_cli.web.bodies import Bytes, Multipart
from kestrel_cli.web.message import Body

_NO_ROUTE: Final = (404, 405)  # how a server says that it has no such path, or not for that


class Connection:
    """Asks one server, whose paths are known."""

    def __init__(self, asking: Asking, surface: Surface) -> None:
        self.asking = asking
        self.surface = surface

    def __repr__(self) -> str:
        return f"Connection({self.host!r}, {self.surface.told or 'unknown version'})"

    @property
    def context(self) -> Context:
        """Which server, and who asks."""
        return self.asking.context

    @property
    def host(self) -> str:
        """The address of the server."""
        return self.context.host

    def once(self) -> "Connection":
        """The same server, asked once each time: see `Asking.once`."""
        return Connection(self.asking.once(), self.surface)

    def path(self, *parts: str) -> str:
        """A path of the API."""
        return self.surface.path(*parts)

    def fetch_map(self, path: str, query: Query = ()) -> dict[str, Any]:
        """The JSON object at a path. Raises ServerError."""
        return map_of(self.asking.get(Question("GET", path, query)), self.context)

    def fetch_list(self, path: str, query: Query = ()) -> list[Any]:
        """The JSON list at a path. Raises ServerError."""
        return list_of(self.asking.get(Question("GET", path, query)), self.context)

    def send(
        self,
        method: str,
        path: str,
        query: Query = (),
        body: Body | None = None,
        content_type: str | None = None,
        *,
        safe: bool = False,
        headers: Iterable[tuple[str, str]] = (),
    ) -> Answer:
        """Have something done; the answer when it went well. Raises ServerError."""
        question = Question(method, path, query, body, content_type, list(headers), safe)
        return self.asking.get(question)

    def act(
        self,
        method: str,
        paths: list[str],
        query: Query = (),
        body: Body | None = None,
        content_type: str | None = None,
        *,
        safe: bool = False,
    ) -> Answer:
        """The same at the first of these paths that the server has: it moved between versions.

        What one does not find the other may; of two refusals the one with words is told.
        """
        refused: ServerError | None = None
        for path in paths:
            try:
                return self.send(method, path, query, body, content_type, safe=safe)
            except ServerError as error:
                if error.status not in _NO_ROUTE:
                    raise
                if refused is None or is_bare(refused):
                    refused = error
        assert refused is not None  # there is a path
        raise refused

    def form(
        self, method: str, path: str, form: Multipart, query: Query = (), *, safe: bool = False
    ) -> Answer:
        """Send a form."""
        return self.send(method, path, query, form, form.content_type, safe=safe)


def connected(asking: Asking) -> Connection:
    """Find the server of a context. Raises LoginRefused, Unreachable, ServerError."""
    return Connection(asking, discover(asking))


def is_bare(error: ServerError) -> bool:
    """Whether the server did not say what is not there."""
    return str(error).endswith(BARE)


def json_body(value: object) -> Bytes:
    """A value as what a request sends."""
    return Bytes(json.dumps(value, ensure_ascii=False).encode())
