"""Sizes as people write them: `500MB`, `2GiB`, or a number of bytes. A kilobyte is 1024 bytes."""

import re
from typing import Final

_UNITS: Final = ("B", "KB", "MB", "GB", "TB")
_SIZE: Final = re.compile(r"(\d{1,15})\s*([KMGT]?)(?:I?B)?", re.IGNORECASE | re.ASCII)


def bytes_of(text: str) -> int:
    """The number of bytes, 1 or more. Raises ValueError."""
    found = _SIZE.fullmatch(text.strip())
    if found is None or not int(found[1]):
        raise ValueError("must be a size such as `500MB`, `2GB` or a number of bytes")
    return int(found[1]) << 10 * " KMGT".index(found[2].upper() or " ")


def size_words(size: int) -> str:
    """The same the other way round; `bytes_of` reads it."""
    unit = 0
    while size and not size % 1024 and unit < len(_UNITS) - 1:
        size //= 1024
        unit += 1
    return f"{size} {_UNITS[unit]}"
