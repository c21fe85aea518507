"""A request with everything that follows from it: the redirects, as browsers follow them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from urllib.parse import urljoin

from kestrel_cli.web.address import Failure, address_of
from kestrel_cli.web.message import Headers, Request, Response, Seen
from kestrel_cli.web.wire import Line, exchanged

_REDIRECTS: Final = frozenset((301, 302, 303, 307, 308))
_FOR_ONE_HOST: Final = frozenset(("authorization", "cookie", "proxy-authorization"))
_OF_A_BODY: Final = frozenset(("content-type", "content-encoding", "content-language"))


@contextmanager
def asked(
    line: Line,
    request: Request,
    authorization: str | None = None,
    redirects: int = 0,
    seen: Seen = lambda _: None,
) -> Iterator[Response]:
    """Send a request and follow so many redirects. `seen` is told of every answer but the last one,
    which can be read while the block lasts. `authorization` is a header for the first host only.
    Raises Failure.
    """
    request = _signed(request, authorization)
    for left in range(redirects, -1, -1):
        with exchanged(line, request) as response:
            following = _redirected(request, response) if redirects else None
            if following is None:
                yield response
                return
            if not left:
                raise Failure(f"there are more than {redirects} redirects")
            seen(response)
        request = following


def _signed(request: Request, authorization: str | None) -> Request:
    if authorization is None:
        return request
    headers = _without(request.headers, frozenset(("authorization",)))
    headers.append(("Authorization", authorization))
    return Request(request.method, request.address, headers, request.body)


def _redirected(request: Request, response: Response) -> Request | None:
    """The request that a redirect asks for: a GET where browsers make it one."""
    where = response.header("location")
    if where is None or response.status not in _REDIRECTS:
        return None
    try:
        address = address_of(urljoin(request.address.uri, where))
    except ValueError:
        raise Failure("the answer leads to an address that is not valid") from None
    method, headers, body = request.method, request.headers, request.body
    if _becomes_get(response.status, method):
        method, body = "GET", None
        headers = _without(headers, _OF_A_BODY)
    if address.origin != request.address.origin:
        headers = _without(headers, _FOR_ONE_HOST)
    return Request(method, address, headers, body)


def _becomes_get(status: int, method: str) -> bool:
    if status == 303:
        return method not in ("GET", "HEAD")
    return status in (301, 302) and method == "POST"


def _without(headers: Headers, names: frozenset[str]) -> Headers:
    return [(name, value) for name, value in headers if name.lower() not in names]
