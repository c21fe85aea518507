"""Where things are on a server of some version: paths found out by asking, not by guessing.

0.21            /api/v1/flows                  no tenant
0.23 to 1.3     /api/v1/{tenant}/flows         `main` in the open-source edition
2.0             the same; actions on an execution under /actions/, outputs apart
"""

import json
import re
from typing import Any, Final
from urllib.parse import quote

from kestrel_cli.errors import ServerError
from kestrel_cli.model.record import record
from kestrel_cli.server.answers import Answer, json_of, no_kestra, refusal, words_of
from kestrel_cli.server.asking import Asking, Question

MAIN: Final = "main"
_ROOT: Final = "/api/v1"
_VERSION: Final = re.compile(r"(\d+)\.(\d+)")
_ONE: Final = (("size", "1"),)


@record
class Surface:
    """The paths of one server. `version` is None when the server does not tell."""

    prefix: str
    tenant: str | None
    version: tuple[int, int] | None = None
    told: str = ""  # the version as the server says it

    @property
    def outputs_apart(self) -> bool:
        """Whether executions come without their outputs."""
        return self.version is not None and self.version >= (2, 0)

    def path(self, *parts: str) -> str:
        """A path of the API; each part is one step of it, whatever it holds."""
        return "/".join([self.prefix, *(quote(part, safe="") for part in parts)])

    def actions(self, execution: str, *parts: str) -> list[str]:
        """The paths of an action on an execution: the likely one, then the other."""
        new = self.path("executions", execution, "actions", *parts)
        old = self.path("executions", execution, *parts)
        return [new, old] if self.outputs_apart else [old, new]


def discover(asking: Asking) -> Surface:
    """Find out whether the login is good, whether paths have a tenant, and the version.

    `configs` is asked for the version only: it answers whatever the login, and only without a
    tenant. Raises LoginRefused, Unreachable, ServerError.
    """
    named = asking.context.tenant
    tenant = named or MAIN
    answer = asking.ask(_search(f"{_ROOT}/{quote(tenant, safe='')}"))
    if answer.status == 404 and tenant == MAIN:
        old = asking.ask(_search(_ROOT))
        if _is_page(old):
            return Surface(_ROOT, None, *_version(asking))
        if old.status not in (404, 405):
            answer = old
    if answer.status in (400, 404) and named is not None and not answer.looks_like_html:
        raise ServerError(
            f"{asking.context.host} has no tenant `{named}`: {words_of(answer) or answer.status}",
            "the open-source edition has the tenant `main` only",
            answer.status,
        )
    if answer.status == 404:
        raise no_kestra(answer, asking.context)
    if not 200 <= answer.status < 300:
        raise refusal(answer, asking.context)
    if not _is_page(answer):
        json_of(answer, asking.context)
        raise no_kestra(answer, asking.context)
    return Surface(f"{_ROOT}/{quote(tenant, safe='')}", tenant, *_version(asking))


def _search(prefix: str) -> Question:
    return Question("GET", f"{prefix}/flows/search", _ONE)


def _is_page(answer: Answer) -> bool:
    """Whether this is a page of results."""
    if answer.status != 200:
        return False
    try:
        found: Any = json.loads(answer.body)
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and isinstance(found.get("results"), list)


def _version(asking: Asking) -> tuple[tuple[int, int] | None, str]:
    """What the server says of its version; nothing when it does not."""
    try:
        answer = asking.ask(Question("GET", f"{_ROOT}/configs"))
        found = json.loads(answer.body) if answer.status == 200 else None
    except (ServerError, ValueError, RecursionError):
        return None, ""
    told = found.get("version") if isinstance(found, dict) else None
    if not isinstance(told, str) or (numbers := _VERSION.match(told)) is None:
        return None, ""
    return (int(numbers[1]), int(numbers[2])), told
