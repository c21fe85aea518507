"""Server-sent events: the lines of a stream become events."""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from kestrel_cli.web.address import Failure

_LONGEST: Final = 64 * 1024 * 1024  # bytes of one event


class ServerEvent(NamedTuple):
    """One event: its `id` (in Kestra what kind it is) and its data."""

    id: str
    data: str


def events(chunks: Iterable[bytes]) -> Iterator[ServerEvent]:
    """The whole events of a stream that may be cut anywhere: of the last one, when its blank line
    has not come, nothing is told. Raises Failure for one without an end.
    """
    identity = ""
    data: list[str] = []
    size = 0
    for line in _lines(chunks):
        size += len(line)
        if size > _LONGEST:
            raise Failure("an event of the stream is too large")
        if not line:
            if data:
                yield ServerEvent(identity, "\n".join(data))
            data = []
            size = 0
            continue
        name, _, value = line.decode("utf-8", "replace").partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            data.append(value)
        elif name == "id":
            identity = value


def _lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Lines without their ends, which are LF, CRLF or CR; the rest without one is left."""
    parts: list[bytes] = []
    carriage = False
    for chunk in chunks:
        new = chunk[1:] if carriage and chunk.startswith(b"\n") else chunk
        carriage = chunk.endswith(b"\r")
        rows = new.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        for row in rows[:-1]:
            yield b"".join([*parts, row])
            parts = []
        if rows[-1]:
            parts.append(rows[-1])
        if len(parts) > 1 and sum(map(len, parts)) > _LONGEST:
            raise Failure("a line of the stream is too long")
