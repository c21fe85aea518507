"""The use case "which secrets do these flows read": every `secret('NAME')` in their text, whatever
else is wrong with the files.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from kestrel_cli.app.validate import flow_files
from kestrel_cli.diagnostic import Position
from kestrel_cli.errors import NothingMatched
from kestrel_cli.flowfile.source import decode, place, read_bytes

_CODE: Final = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
# In double quotes YAML wants `\"` for a quote.
_CALL: Final = re.compile(
    r"""(?<![\w.])secret\s*\(\s*(?:key\s*=\s*)?(?:\\?['"]([^'"\\{}()]+)\\?['"]|(?=[^'"\s)]))"""
)
_COMMENT: Final = re.compile(r"[ \t]*#")


def secret_names(paths: Sequence[str]) -> dict[str, list[Position]]:
    """The names in order, each with the places that read it; the name `` has the places whose name
    is only known when they run. Names that differ in case only are one secret.

    Raises NothingMatched, or FlowFileError for a file that cannot be read.
    """
    files = list(dict.fromkeys(file for each in paths for file in flow_files(each)))
    if not files:
        raise NothingMatched(f"no flow file in {', '.join(paths)}")
    found: dict[str, list[Position]] = {}
    for file in files:
        for name, where in _of_file(file):
            found.setdefault(name.upper(), []).append(where)
    return dict(sorted(found.items()))


def _of_file(file: str) -> Iterator[tuple[str, Position]]:
    text = decode(read_bytes(file), file).text
    for code in _CODE.finditer(text):
        for call in _CALL.finditer(text, code.start(), code.end()):
            begin = text.rfind("\n", 0, call.start()) + 1
            if not _COMMENT.match(text, begin):
                yield call[1] or "", Position(file, *place(text, call.start()))
