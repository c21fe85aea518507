"""One request as a task makes it: refused offline, cut at the end of the attempt, reported."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from kestrel_cli.errors import TaskFailed
from kestrel_cli.model.task import RunContext
from kestrel_cli.web.address import Failure
from kestrel_cli.web.message import Headers, Request, Response, text_of
from kestrel_cli.web.options import Settings

REQUEST_METRICS: Final = {
    "request.count": "counter: requests",
    "request.bytes": "counter: bytes that were sent",
    "response.count": "counter: answers",
    "response.bytes": "counter: bytes that were received",
    "response.length": "counter: bytes of the body",
}
REDIRECTS: Final = 50  # as many as Kestra's client follows
_SHOWN: Final = 4_000  # characters of a body in a message
_SECRET_HEADERS: Final = frozenset(("authorization", "cookie", "set-cookie"))


@contextmanager
def failures_told(ctx: RunContext) -> Iterator[None]:
    """What goes wrong with a request while the block lasts, as the task's failure."""
    try:
        yield
    except Failure as failure:
        ctx.check()
        raise TaskFailed(f"Failed to execute HTTP request: {failure}") from None


@contextmanager
def sent(ctx: RunContext, request: Request, settings: Settings) -> Iterator[Response]:
    """Send a request; the end of the attempt cuts the connection. Raises Failure, and TaskFailed
    when the user wants no requests.
    """
    if ctx.about.offline:
        raise TaskFailed("the request is refused: `--offline` allows none")
    # Here and not above: a flow may have HTTP tasks and send nothing.
    from kestrel_cli.web.client import asked
    from kestrel_cli.web.dialer import Dialer
    from kestrel_cli.web.wire import Line

    dialer = Dialer(settings.connect)
    line = Line(dialer, settings.read, settings.insecure, settings.proxy)

    def seen(response: Response) -> None:
        _report(ctx, response)

    redirects = REDIRECTS if settings.follow else 0
    _log_request(ctx, request, settings)
    with (
        ctx.ending(dialer.cut),
        asked(line, request, settings.authorization, redirects, seen) as response,
    ):
        _log_response(ctx, response, settings)
        try:
            yield response
        finally:
            _report(ctx, response)


def log_body(ctx: RunContext, settings: Settings, text: str) -> None:
    """Write the body of an answer to the log, when the options ask for that."""
    if "RESPONSE_BODY" in settings.logs:
        ctx.log("TRACE", f"response payload:\n    {_short(text)}")


def failed_words(response: Response) -> str:
    """The sentence for an answer that is no success, with what it says."""
    message = f"Failed http request with response code '{response.status}'"
    if not response.has_body:
        return message
    text = _excerpt(response)
    return f"{message} and body:\n{text}" if text else message


def _excerpt(response: Response) -> str:
    """The beginning of a body; what goes wrong while it is read is no news any more."""
    body = b""
    try:
        while len(body) < 4 * _SHOWN and (chunk := response.read()):
            body += chunk
    except (Failure, OSError):
        pass
    return _short(text_of(body, response.header("content-type") or ""))


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def _report(ctx: RunContext, response: Response) -> None:
    request = response.request
    address = request.address
    tags = {
        "request.method": request.method,
        "request.scheme": address.scheme,
        "request.hostname": address.host,
        "response.code": str(response.status),
    }
    if response.has_body:
        ctx.count("response.length", response.given, tags)
    size = request.body.size if request.body is not None else 0
    ctx.count("request.count", 1, tags)
    ctx.count("request.bytes", size, tags)
    ctx.count("response.bytes", response.received, tags)
    ctx.count("response.count", 1, tags)


def _log_request(ctx: RunContext, request: Request, settings: Settings) -> None:
    if "REQUEST_HEADERS" in settings.logs:
        uri = request.address.uri
        ctx.log("DEBUG", f"request:\n    method: {request.method}\n    uri: {uri}")
        ctx.log("DEBUG", _listed("request", request.headers))
    if "REQUEST_BODY" in settings.logs:
        body = b""
        for part in request.body.parts() if request.body is not None else ():
            body += part
            if len(body) > 4 * _SHOWN:
                break
        ctx.log("TRACE", f"request payload:\n    {_short(body.decode('utf-8', 'replace'))}")


def _log_response(ctx: RunContext, response: Response, settings: Settings) -> None:
    uri = response.request.address.uri
    said = f"from '{response.peer}' with the response code '{response.status}'"
    ctx.log("DEBUG", f"Request '{uri}' {said}")
    if "RESPONSE_HEADERS" in settings.logs:
        ctx.log("DEBUG", _listed("response", response.headers))


def _listed(what: str, headers: Headers) -> str:
    lines = [
        f"{name}: {'******' if name.lower() in _SECRET_HEADERS else value}"
        for name, value in headers
    ]
    return "\n    ".join([f"{what} headers:", *lines])
