"""Files with several flows, which Kestra checks one by one; it stores and runs one at a time."""

import re
from typing import Final

_BREAK: Final = re.compile(rb"^---(?=\s|$)", re.MULTILINE)


def documents(data: bytes) -> list[bytes]:
    """Each document of a YAML file that is not empty, with its lines where they are in the file."""
    starts = [0, *(found.end() for found in _BREAK.finditer(data))]
    ends = [*(found.start() for found in _BREAK.finditer(data)), len(data)]
    return [
        b"\n" * data.count(b"\n", 0, start) + data[start:end]
        for start, end in zip(starts, ends, strict=True)
        if _says_something(data[start:end])
    ]


def _says_something(document: bytes) -> bool:
    return any(
        line.strip() and not line.lstrip().startswith(b"#") for line in document.split(b"\n")
    )
