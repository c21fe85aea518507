"""Text files in internal storage, in any charset."""

import codecs
import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, TextIO

from kestrel_cli.tasks.base import NewFile, RunContext, TaskFailed

CHARSET: Final = "UTF-8"
_MARK: Final = "\ufeff"


def charset(ctx: RunContext, value: object) -> str:
    """Render the name of a charset. Raises TaskFailed for an unknown one."""
    name = ctx.text(value).strip() or CHARSET
    try:
        info = codecs.lookup(name)
        info.encode("a")
    except (LookupError, ValueError, TypeError):
        raise TaskFailed(f"`{name[:100]}` is no known charset") from None
    return info.name


@contextmanager
def reading(ctx: RunContext, uri: str, encoding: str) -> Iterator[TextIO]:
    """The text of a file, line ends as they are, without a byte-order mark. Bytes that are no text
    are read as `\\ufffd`, as Java does.
    """
    with (
        ctx.files.open(uri) as source,
        io.TextIOWrapper(source, encoding, "replace", newline="") as text,
    ):
        if source.seekable() and text.read(1) != _MARK:
            text.seek(0)
        yield text


@contextmanager
def writing(file: NewFile, encoding: str, otherwise: str = "replace") -> Iterator[TextIO]:
    """Write text into a new file; characters that the charset has not become `?`, or what the
    codec's error handler `otherwise` makes of them.
    """
    text = io.TextIOWrapper(file.stream, encoding, otherwise, newline="")
    try:
        yield text
    finally:
        text.detach()
