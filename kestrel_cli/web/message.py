"""What is sent and what comes back. An answer is read piece by piece, within bounds."""

import re
from collections.abc import Callable, Iterable
from typing import Final, Protocol

from kestrel_cli.model.record import record
from kestrel_cli.web.address import Address, Failure, has_control

Headers = list[tuple[str, str]]

TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CHUNK: Final = 65_536
_OURS: Final = frozenset(("host", "connection", "content-length", "transfer-encoding"))


class Body(Protocol):
    """What a request sends; it may be sent more than once."""

    @property
    def size(self) -> int:
        """In bytes."""

    def parts(self) -> Iterable[bytes]:
        """The bytes, from the beginning."""


@record
class Request:
    """A request. Headers keep their order; a name may stand more than once."""

    method: str
    address: Address
    headers: Headers
    body: Body | None = None

    def asks_encodings(self) -> bool:
        """Whether it says itself in which encodings it takes an answer."""
        return any(name.lower() == "accept-encoding" for name, _ in self.headers)


class Source(Protocol):
    """Where the body of an answer comes from."""

    @property
    def received(self) -> int:
        """Bytes that came so far, as they travel: packed, if they were."""

    def read(self, size: int) -> bytes:
        """At most so many bytes, unpacked; none at the end. Raises Failure."""


class Response:
    """An answer whose body is still to be read. Raises Failure whenever it misbehaves."""

    def __init__(
        self,
        request: Request,
        status: tuple[int, str],
        headers: Headers,
        peer: str,
        source: Source | None,
    ) -> None:
        self.request = request
        self.status, self.reason = status
        self.headers = headers
        self.peer = peer  # the address that answered
        self.given = 0  # bytes of the body that were read
        self.has_body = source is not None
        self._source = source

    @property
    def received(self) -> int:
        """Bytes that came so far, headers included."""
        head = sum(len(name) + len(value) + 4 for name, value in self.headers)
        return head + (self._source.received if self._source is not None else 0)

    def header(self, name: str) -> str | None:
        """The first header of that name, given in lower case."""
        return next((value for key, value in self.headers if key.lower() == name), None)

    def read(self, size: int = _CHUNK) -> bytes:
        """At most so many bytes of the body, as soon as there are any; nothing at its end."""
        got = self._source.read(size) if self._source is not None else b""
        self.given += len(got)
        return got

    def whole(self, limit: int) -> bytes:
        """The body, not read further than the limit. Raises Failure beyond it."""
        body = bytearray()
        while chunk := self.read():
            body += chunk
            if len(body) > limit:
                raise Failure(f"the answer is larger than the limit of {limit} bytes")
        return bytes(body)


Seen = Callable[[Response], None]


def checked_headers(headers: Headers) -> Headers:
    """The headers without those that the connection sets itself. Raises Failure for one that would
    break out of its line.
    """
    for name, value in headers:
        latin = all(ord(letter) < 256 for letter in value)
        if not TOKEN.fullmatch(name) or has_control(value) or not latin:
            raise Failure("a header holds a control character, or one that headers cannot hold")
    return [(name, value) for name, value in headers if name.lower() not in _OURS]


def text_of(body: bytes, content_type: str) -> str:
    """The text of a body, in the character set that its type names, else UTF-8."""
    named = re.search(r"charset=\"?([\w.:-]+)", content_type, re.IGNORECASE)
    try:
        return body.decode(named[1] if named else "utf-8", "replace")
    except (LookupError, UnicodeError):  # no such character set, or none of text
        return body.decode("utf-8", "replace")
