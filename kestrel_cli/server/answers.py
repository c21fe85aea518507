"""What comes back: JSON that is what it should be, and refusals in the words of the server."""

import json
from typing import Any, Final

from kestrel_cli.errors import Conflict, LoginRefused, NotThere, ServerError, Unreachable
from kestrel_cli.model.record import record
from kestrel_cli.server.contexts import Context
from kestrel_cli.server.credentials import Credentials
from kestrel_cli.web.message import Headers, text_of

BARE: Final = "has no such thing"  # of a 404 without a word about what is not there
_LONGEST: Final = 2_000  # characters of the server's words
_BUSY: Final = 429
# How Kestra begins to say what kind of error it is; the words after that are the news.
_KINDS: Final = (
    "Invalid entity: ", "Illegal argument: ", "Illegal state: ", "Not Found: ", "Bad Request: ",
    "Unprocessable Entity: ", "Internal server error: ",
)  # fmt: skip


@record
class Answer:
    """A whole answer."""

    status: int
    headers: Headers
    body: bytes
    method: str

    def header(self, name: str) -> str | None:
        """The first header of that name, given in lower case."""
        return next((value for key, value in self.headers if key.lower() == name), None)

    @property
    def text(self) -> str:
        """The body as text."""
        return text_of(self.body, self.header("content-type") or "")

    @property
    def looks_like_html(self) -> bool:
        """Whether this is a page for people."""
        kind = (self.header("content-type") or "").lower()
        return "html" in kind or self.body[:200].lstrip()[:1] == b"<"


def json_of(answer: Answer, context: Context) -> Any:
    """The JSON of an answer. Raises Unreachable when it is none: then no Kestra has answered."""
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        raise no_kestra(answer, context) from None


def map_of(answer: Answer, context: Context) -> dict[str, Any]:
    """The JSON object of an answer. Raises Unreachable."""
    found = json_of(answer, context)
    if not isinstance(found, dict):
        raise no_kestra(answer, context)
    return found


def list_of(answer: Answer, context: Context) -> list[Any]:
    """The JSON list of an answer. Raises Unreachable."""
    found = json_of(answer, context)
    if not isinstance(found, list):
        raise no_kestra(answer, context)
    return found


def no_kestra(answer: Answer, context: Context) -> ServerError:
    """Somebody else has answered."""
    what = "a page for people" if answer.looks_like_html else "something else"
    return Unreachable(
        f"{context.host} is no Kestra, or something stands before it: it answers with {what} "
        "instead of JSON",
        "give the address at which its pages are, without what follows `/ui`",
        answer.status,
    )


def refusal(answer: Answer, context: Context) -> ServerError:
    """The error for an answer that is no success."""
    status, host = answer.status, context.host
    if status == 401:
        return _login_refused(host, context.credentials, status)
    if status == 407:
        hint = "write name and password into its address: `http://name:password@proxy:port`"
        return Unreachable("the proxy in between wants a login", hint, status)
    if answer.looks_like_html and status < 500:
        return no_kestra(answer, context)
    said = words_of(answer)
    if status == 403:
        who = context.credentials.how if context.credentials else "anybody without a login"
        message = f"{host} does not let {who} do that{_colon(said)}"
        return LoginRefused(message, "ask for the permission, or use another login", status)
    if status in (404, 410):
        return NotThere(f"{host} {BARE}" if said in ("", "Not Found") else said, None, status)
    if status == 409:
        return Conflict(said or f"{host} does not do that in this state", None, status)
    if status == _BUSY or status >= 500:
        busy = "has too much to do" if status == _BUSY else "is in trouble"
        return Unreachable(
            f"{host} {busy}: it answers with {status}{_colon(said)}", "try again later", status
        )
    return ServerError(said or f"{host} refuses with {status}", None, status)


def _login_refused(host: str, login: Credentials, status: int) -> ServerError:
    if not login:
        hint = "say who you are: KESTRA_USER and KESTRA_PASSWORD, KESTRA_API_TOKEN, or a context"
        return LoginRefused(f"{host} asks for a login, and none is given", hint, status)
    if login.is_token:
        hint = (
            "the open-source edition takes no tokens: it wants KESTRA_USER and KESTRA_PASSWORD, "
            "or a context with a name and a password"
        )
    else:
        hint = "is the password right? It is the one with which its pages are opened"
    return LoginRefused(f"{host} asks for a login and does not take {login.how}", hint, status)


def words_of(answer: Answer) -> str:
    """What the server says about its refusal, without the name of the kind: text or JSON."""
    said = answer.text
    if answer.looks_like_html:
        return ""
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, dict):
        said = next((found[k] for k in ("message", "error") if isinstance(found.get(k), str)), "")
    elif isinstance(found, str):
        said = found
    for kind in _KINDS:
        if said.startswith(kind):
            said = said.removeprefix(kind)
            break
    said = said.strip()
    return said if len(said) <= _LONGEST else f"{said[:_LONGEST]}…"


def _colon(said: str) -> str:
    return f": {said}" if said else ""
