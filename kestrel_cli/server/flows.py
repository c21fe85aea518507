"""Flows on a server: validated, read, created and updated; one by one, and never deleted.

The bulk endpoint is left alone: it is not atomic, deletes by default what it was not sent, and cuts
its body at every `---`, in texts too.
"""

from typing import Any, Final, Literal

from kestrel_cli.errors import NotThere, ServerError
from kestrel_cli.model.record import fresh, record
from kestrel_cli.server.answers import list_of, map_of
from kestrel_cli.server.connection import Connection
from kestrel_cli.web.bodies import Bytes

YAML: Final = "application/x-yaml"  # exactly: neither `application/yaml` nor a charset is taken
_CUT: Final = "---"
_EXISTS: Final = "already exists"

Change = Literal["created", "updated", "unchanged"]


@record
class Verdict:
    """What a server says of a flow: `problem` is why it would not take it."""

    problem: str | None = None
    warnings: list[str] = fresh(factory=list)
    deprecated: list[str] = fresh(factory=list)
    outdated: bool = False
    infos: list[str] = fresh(factory=list)


@record
class Stored:
    """A flow as a server has it."""

    source: str
    revision: int


@record
class Pushed:
    """What a push did. `before` is the revision that was there, None for a new flow."""

    change: Change
    revision: int
    before: int | None = None


def validated(server: Connection, source: str) -> Verdict | None:
    """What the server says of the source of a flow; None when it can't be asked, because the text
    holds `---`, at which it would cut it in two. Raises ServerError.
    """
    if _CUT in source:
        return None
    path = server.path("flows", "validate")
    answer = server.send("POST", path, (), _body(source), YAML, safe=True)
    found = [one for one in list_of(answer, server.context) if isinstance(one, dict)]
    if not found:
        return Verdict("the server says nothing of this flow")
    return Verdict(
        _text(found[0].get("constraints")),
        _texts(found[0].get("warnings")),
        _texts(found[0].get("deprecationPaths")),
        bool(found[0].get("outdated")),
        _texts(found[0].get("infos")),
    )


def stored(
    server: Connection, namespace: str, flow: str, revision: int | None = None
) -> Stored | None:
    """The source of a flow as it was sent; None when there is none. Raises ServerError."""
    asked = (("source", "true"), *((("revision", str(revision)),) if revision else ()))
    try:
        found = server.fetch_map(server.path("flows", namespace, flow), asked)
    except NotThere:
        return None
    return Stored(str(found.get("source") or ""), _revision(found))


def push(server: Connection, namespace: str, flow: str, source: str) -> Pushed:
    """Make the server have this source: what it has already is not sent. Raises ServerError.

    A lost answer is no harm: what was created meanwhile is found to be there.
    """
    there = stored(server, namespace, flow)
    if there is None:
        try:
            made = server.send("POST", server.path("flows"), (), _body(source), YAML)
        except ServerError as error:
            if error.status != 422 or _EXISTS not in str(error):
                raise
            there = stored(server, namespace, flow)
            if there is None:
                raise
        else:
            found = map_of(made, server.context)
            _refuse_other_id(found, namespace, flow)
            return Pushed("created", _revision(found))
    if there.source == source:
        return Pushed("unchanged", there.revision, there.revision)
    path = server.path("flows", namespace, flow)
    changed = server.send("PUT", path, (), _body(source), YAML, safe=True)
    revision = _revision(map_of(changed, server.context))
    change: Change = "unchanged" if revision == there.revision else "updated"
    return Pushed(change, revision, there.revision)


def _refuse_other_id(found: dict[str, Any], namespace: str, flow: str) -> None:
    """Raise ServerError when the server took it for another flow: to its YAML `off` is no text."""
    for name, ours in (("namespace", namespace), ("id", flow)):
        theirs = str(found.get(name, ours))
        if theirs != ours:
            raise ServerError(
                f"the server reads the {name} `{ours}` as `{theirs}`: it has made a flow of that",
                f'write it in quotes: `{name}: "{ours}"`',
            )


def _body(source: str) -> Bytes:
    return Bytes(source.encode())


def _revision(found: dict[str, Any]) -> int:
    revision = found.get("revision")
    return revision if isinstance(revision, int) else 1


def _text(value: object) -> str | None:
    return value.strip() if isinstance(value, str) and value.strip() else None


def _texts(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []
