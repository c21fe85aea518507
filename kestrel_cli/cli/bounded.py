"""Files that options name: read with a bound, for some (`/dev/zero`) have no end."""

from pathlib import Path
from typing import Final

MOST: Final = 256 * 1024 * 1024


class TooLarge(OSError):
    """There is more in it than is read."""


def read_whole(path: str) -> bytes:
    """All of a file, a pipe too. Raises OSError, TooLarge for more than 256 MB."""
    with Path(path).open("rb") as file:
        data = file.read(MOST + 1)
    if len(data) > MOST:
        raise TooLarge(0, "it is larger than 256 MB")
    return data
