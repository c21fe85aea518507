"""Files that a command writes: the old content stays until the new one is whole."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

from kestrel_cli.errors import UsageError


@contextmanager
def whole_file(path: str | None, option: str) -> Iterator[TextIO | None]:
    """A stream whose content takes the place of the file when the block ends well.

    None without a path.

    A path that cannot be written is a UsageError before the block begins. What is no regular file
    (a pipe, a device) is written as it comes.
    """
    if path is None:
        yield None
        return
    direct = os.path.exists(path) and not os.path.isfile(path)  # noqa: PTH110, PTH113  pathlib costs more
    target = path if direct else f"{path}.{os.getpid()}.part"
    try:
        stream = open(target, "w", encoding="utf-8", errors="backslashreplace")  # noqa: PTH123, SIM115
    except OSError as error:
        raise UsageError(f"`{option} {path}`: {error.strerror}") from None
    try:
        with stream:
            yield stream
        if not direct:
            os.replace(target, path)  # noqa: PTH105
    except BaseException:
        if not direct:
            with suppress(OSError):
                os.unlink(target)  # noqa: PTH108
        raise
