"""A request with everything that follows from it: redirects, and a challenge to answer."""

from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, Literal
from urllib.parse import urljoin

from kestrel_cli.model.record import record
from kestrel_cli.web.address import Failure, address_of
from kestrel_cli.web.digest import digest_answer
from kestrel_cli.web.exchange import Headers, Line, Request, Response, exchanged

_REDIRECTS: Final = frozenset((301, 302, 303, 307, 308))
_FOR_ONE_HOST: Final = frozenset(("authorization", "cookie", "proxy-authorization"))
_OF_A_BODY: Final = frozenset(("content-type", "content-encoding", "content-language"))


@record
class Auth:
    """A name and password, or a token as the `password`. It is for the first host only."""

    kind: Literal["BASIC", "BEARER", "DIGEST"]
    user: str = ""
    password: str = ""

    def header(self) -> Headers:
        """What is said without being asked."""
        if self.kind == "BEARER":
            return [("Authorization", f"Bearer {self.password}")]
        if self.kind == "BASIC":
            pair = b64encode(f"{self.user}:{self.password}".encode()).decode()
            return [("Authorization", f"Basic {pair}")]
        return []


Seen = Callable[[Response], None]


@contextmanager
def asked(
    line: Line,
    request: Request,
    *,
    auth: Auth | None = None,
    redirects: int = 0,
    seen: Seen = lambda _: None,
) -> Iterator[Response]:
    """Send a request and follow so many redirects. `seen` is told of every answer but the last one,
    which can be read while the block lasts. Raises Failure.
    """
    request = _signed(request, auth)
    challengeable = auth is not None and auth.kind == "DIGEST"
    left = redirects
    while True:
        with exchanged(line, request) as response:
            following = None
            if auth is not None and challengeable and response.status == 401:
                challengeable = False
                following = _challenged(request, response, auth)
            elif redirects and (following := _redirected(request, response)) is not None:
                if not left:
                    raise Failure(f"there are more than {redirects} redirects")
                left -= 1
                challengeable = challengeable and following.address.origin == request.address.origin
            if following is None:
                yield response
                return
            seen(response)
        request = following


def _signed(request: Request, auth: Auth | None) -> Request:
    if auth is None:
        return request
    headers = [*_without(request.headers, frozenset(("authorization",))), *auth.header()]
    return Request(request.method, request.address, headers, request.body)


def _challenged(request: Request, response: Response, auth: Auth) -> Request | None:
    challenges = [value for name, value in response.headers if name.lower() == "www-authenticate"]
    target = request.address.target
    said = digest_answer(challenges, auth.user, auth.password, request.method, target)
    if said is None:
        return None
    headers = [*request.headers, ("Authorization", said)]
    return Request(request.method, request.address, headers, request.body)


def _redirected(request: Request, response: Response) -> Request | None:
    """The request that a redirect asks for: a GET where browsers make it one."""
    where = response.header("location")
    if where is None or response.status not in _REDIRECTS:
        return None
    address = address_of(urljoin(request.address.uri, where))
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
