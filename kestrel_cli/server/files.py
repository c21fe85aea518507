"""Files of executions on a server: which ones there are, and how they get here."""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from kestrel_cli.errors import CannotStart, NotThere, Unreachable
from kestrel_cli.server.asking import Question
from kestrel_cli.server.connection import Connection
from kestrel_cli.web.address import Failure

_SCHEME: Final = "kestra://"
_OWNER: Final = re.compile(r"/executions/([0-9A-Za-z]+)/")
_TRIES: Final = 3
_MOST: Final = 100_000  # values that are looked at


def uris(document: dict[str, Any]) -> list[str]:
    """The files that outputs of an execution name, each once, in their order: those of the task
    runs, then those of the flow.
    """
    found: dict[str, None] = {}
    for run in document.get("taskRunList") or ():
        found |= dict.fromkeys(_within(run.get("outputs")))
    return list(found | dict.fromkeys(_within(document.get("outputs"))))


def _within(value: object) -> Iterator[str]:
    todo, seen = [value], 0
    while todo and seen < _MOST:
        one = todo.pop()
        seen += 1
        if isinstance(one, str):
            if one.startswith(_SCHEME):
                yield one
        elif isinstance(one, dict):
            todo += reversed(one.values())
        elif isinstance(one, list):
            todo += reversed(one)


def name_of(uri: str) -> str:
    """The name of a file as a place on this machine may have it."""
    name = unquote(urlsplit(uri).path).rstrip("/").rpartition("/")[2]
    fits = "".join(one if one.isprintable() and one not in '\\/:"' else "_" for one in name)
    return fits if fits.strip(". ") else "file"


def download(server: Connection, execution: str, uri: str, target: Path) -> int:
    """Fetch a file; how many bytes it has. It is there whole or not at all. Raises NotThere,
    ServerError, CannotStart.
    """
    path = server.path("executions", execution, "file")
    question = Question("GET", path, (("path", uri),), accept="*/*")
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        for tried in range(1, _TRIES + 1):
            try:
                size = _fetched(server, question, part)
            except Failure as failure:
                if tried == _TRIES:
                    raise Unreachable(f"{server.host} can't be reached: {failure}") from None
                server.asking.pause(float(tried))
            else:
                part.replace(target)
                return size
    except OSError as error:
        raise CannotStart(f"{target} can't be written: {error.strerror or error}") from None
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    raise AssertionError("the last try returns or raises")


def _fetched(server: Connection, question: Question, part: Path) -> int:
    with server.asking.streaming(question, read=server.context.read) as response:
        with part.open("wb") as file:
            while chunk := response.read():
                file.write(chunk)
        return response.given


def size_of(server: Connection, execution: str, uri: str) -> int | None:
    """How many bytes a file has; None for one that is not there any more. Raises ServerError."""
    owner = _OWNER.search(uri)
    path = server.path("executions", owner[1] if owner else execution, "file", "metas")
    try:
        size = server.fetch_map(path, (("path", uri),)).get("size")
    except NotThere:
        return None
    return size if isinstance(size, int) else None
