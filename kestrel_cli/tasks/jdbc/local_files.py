"""Database files beside the other files of a task: brought there, used there, kept in storage."""

import re
import secrets
from pathlib import Path
from typing import Final

from kestrel_cli.tasks.base import RunContext, TaskFailed, parts_of
from kestrel_cli.tasks.files.places import write_below

_PLAIN_NAME: Final = re.compile(r"\w[\w.-]{0,100}", re.ASCII)


def brought(ctx: RunContext, uri: str, name: str = "") -> Path:
    """A copy of a file from storage in the working directory, by a name of its own without one."""
    name = name or f"kestrel-{secrets.token_hex(6)}.db"
    with ctx.files.open(uri) as source:
        write_below(ctx.files.folder(), name, source)
    return ctx.files.folder().joinpath(*parts_of(name))


def kept(ctx: RunContext, place: Path) -> str:
    """The address of a copy of a database file in storage. Raises TaskFailed when there is none."""
    if not place.is_file():
        raise TaskFailed(f"there is no database file `{place.name}` to be kept (outputDbFile)")
    return ctx.files.put(place)


class OutputFiles:
    """Files that SQL writes to and later tasks read; `paths` is `outputFiles` in the SQL."""

    def __init__(self, ctx: RunContext, names: list[str]) -> None:
        self.paths: dict[str, str] = {}
        for name in names:
            place = ctx.files.folder() / f"output-{secrets.token_hex(8)}.tmp"
            place.touch()
            self.paths[name] = str(place)

    def stored(self, ctx: RunContext) -> dict[str, str]:
        """The addresses of the files in storage, by name."""
        return {
            name: ctx.files.put(Path(place), name if _PLAIN_NAME.fullmatch(name) else ".tmp")
            for name, place in self.paths.items()
        }
