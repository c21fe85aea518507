"""Files of a namespace on a server."""

from pathlib import Path
from typing import Final

from kestrel_cli.errors import NotThere
from kestrel_cli.server.asking import Question
from kestrel_cli.server.connection import Connection
from kestrel_cli.server.forms import file_field
from kestrel_cli.web.bodies import Multipart

PART: Final = "fileContent"


def listed(server: Connection, namespace: str) -> list[str]:
    """The paths of all files, without the slash before them; none of an unknown namespace. Raises
    ServerError.
    """
    path = server.path("namespaces", namespace, "files", "search")
    found = server.fetch_list(path, (("q", ""),))
    return sorted(str(one).lstrip("/") for one in found if isinstance(one, str))


def stored_name(path: str) -> str:
    """How a server lists a path that it was given: a space comes back as a plus."""
    return path.lstrip("/").replace(" ", "+")


def content(server: Connection, namespace: str, path: str) -> bytes | None:
    """The content of a file; None when there is none. Raises ServerError."""
    place = server.path("namespaces", namespace, "files")
    question = Question("GET", place, (("path", _absolute(path)),), accept="*/*")
    try:
        return server.asking.get(question).body
    except NotThere:
        return None


def put(server: Connection, namespace: str, path: str, source: Path) -> None:
    """Make the file of the namespace be what a file here is. Raises ServerError, OSError."""
    form = Multipart([file_field(PART, source, path.rpartition("/")[2])])
    place = server.path("namespaces", namespace, "files")
    server.form("POST", place, form, (("path", _absolute(path)),), safe=True)


def _absolute(path: str) -> str:
    return f"/{path.lstrip('/')}"
