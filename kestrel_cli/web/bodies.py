"""What requests send: text, and forms with files that are read while they are sent."""

import secrets
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO, Final

from kestrel_cli.model.record import record
from kestrel_cli.web.address import Failure

_CHUNK: Final = 1 << 16


class Bytes:
    """A body that is in memory."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    @property
    def size(self) -> int:
        """In bytes."""
        return len(self._data)

    def parts(self) -> Iterable[bytes]:
        """All of it."""
        return (self._data,)


@record
class Field:
    """A text field of a form, or a file with its name; `open` is called whenever it is sent."""

    name: str
    text: str = ""
    file_name: str | None = None
    size: int = 0
    open: Callable[[], BinaryIO] | None = None


class Multipart:
    """A form as `multipart/form-data`."""

    def __init__(self, fields: list[Field], boundary: str | None = None) -> None:
        self._boundary = boundary or f"kestrel-{secrets.token_hex(16)}"
        self._fields = [(_head(field, self._boundary), field) for field in fields]
        self._end = f"--{self._boundary}--\r\n".encode()

    @property
    def content_type(self) -> str:
        """The value of the header."""
        return f"multipart/form-data; boundary={self._boundary}"

    @property
    def size(self) -> int:
        """In bytes."""
        return len(self._end) + sum(
            len(head) + _size(field) + len(b"\r\n") for head, field in self._fields
        )

    def parts(self) -> Iterator[bytes]:
        """Head, content, line end of each field, then the end."""
        for head, field in self._fields:
            yield head
            yield from _content(field)
            yield b"\r\n"
        yield self._end


def _head(field: Field, boundary: str) -> bytes:
    lines = [f"--{boundary}"]
    place = f'Content-Disposition: form-data; name="{_quoted(field.name)}"'
    if field.open is None:
        lines += [place, "Content-Type: text/plain; charset=UTF-8"]
    else:
        lines.append(f'{place}; filename="{_quoted(field.file_name or "")}"')
        lines.append("Content-Type: application/octet-stream")
    return "\r\n".join([*lines, "", ""]).encode()


def _quoted(name: str) -> str:
    """As browsers write names: nothing in there ends the quotes or the line."""
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def _size(field: Field) -> int:
    return field.size if field.open is not None else len(field.text.encode())


def _content(field: Field) -> Iterator[bytes]:
    if field.open is None:
        yield field.text.encode()
        return
    left = field.size
    with field.open() as file:
        while left and (part := file.read(min(left, _CHUNK))):
            left -= len(part)
            yield part
    if left:
        raise Failure(f"the file {field.file_name!r} became shorter while it was sent")
