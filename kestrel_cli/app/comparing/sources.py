"""The two executions that are compared, each as the document of `-o json`."""

import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kestrel_cli.app.comparing.matching import Document
from kestrel_cli.errors import CannotStart
from kestrel_cli.model.record import record

if TYPE_CHECKING:
    from kestrel_cli.app.elsewhere.place import Place

_MOST: Final = 256 * 1024 * 1024  # bytes of a file
_NEEDED: Final = ("id", "flowId", "state")


@record
class Side:
    """An execution; `name` is how it was asked for."""

    name: str
    document: Document

    @property
    def state(self) -> str:
        """Where it stands."""
        return str((self.document.get("state") or {}).get("current"))


def side_here(name: str, state_dir: str | None, environ: Mapping[str, str]) -> Side:
    """A file, or an execution of this machine. Raises NothingMatched, CannotStart."""
    if _is_file(name):
        return Side(name, _read(Path(name)))
    return Side(name, _of_journal(name, state_dir, environ))


def side_there(name: str, find: Callable[[], "Place"]) -> Side:
    """An execution of the server that `find` finds: by its id, the beginning of it, or `last`.
    Raises NothingMatched, ServerError.
    """
    from kestrel_cli.app.elsewhere.past import found

    place = find()
    return Side(f"{name} on {place.host}", found(place, name))


def _is_file(name: str) -> bool:
    """A file; ids have no dots and no slashes."""
    return name.endswith(".json") or "/" in name or Path(name).is_file()


def _read(path: Path) -> Document:
    try:
        if path.is_file() and path.stat().st_size > _MOST:
            raise CannotStart(f"{path}: the file is too large")
        found = json.loads(path.read_bytes())
    except OSError as error:
        raise CannotStart(f"{path}: {error.strerror or error}") from None
    except (ValueError, RecursionError):
        raise CannotStart(f"{path}: this is not JSON: `run -o json` writes it") from None
    if not _is_execution(found) or not all(map(_is_execution, found.get("executions") or ())):
        raise CannotStart(f"{path}: this is no execution as `run -o json` writes it")
    document: Document = found
    return document


def _is_execution(found: object) -> bool:
    """Whether it has the shape of one, as far as that matters here."""
    return (
        isinstance(found, dict)
        and all(name in found for name in _NEEDED)
        and _is_timed(found)
        and _are_maps(found.get("taskRunList"))
        and all(map(_is_timed, found.get("taskRunList") or ()))
        and all(_are_maps(run.get("attempts")) for run in found.get("taskRunList") or ())
        and (isinstance(found.get("labels"), dict) or _are_maps(found.get("labels")))
        and isinstance(found.get("executions") or [], list)
    )


def _is_timed(found: dict[str, object]) -> bool:
    state = found.get("state")
    return isinstance(state, dict) and _are_maps(state.get("histories"))


def _are_maps(found: object) -> bool:
    """Whether this is a list of maps, or nothing."""
    return found is None or (
        isinstance(found, list) and all(isinstance(one, dict) for one in found)
    )


def _of_journal(name: str, state_dir: str | None, environ: Mapping[str, str]) -> Document:
    from kestrel_cli.app.history import story_of
    from kestrel_cli.reporters.json_document import write_json

    written = io.StringIO()
    write_json(story_of(name, state_dir, environ).root.execution, written, 0, None)
    found: Document = json.loads(written.getvalue())
    return found
