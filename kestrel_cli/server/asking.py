"""Requests to one server: signed, within bounds of time and size, asked again where that is safe.

Asked again is what changes nothing or the same thing twice, and what the server says it has not
looked at (429, 503 with `Retry-After`). Nothing else: a start whose answer was lost may have begun
(see `starting`). Redirects are followed on the same server only, so the login never leaves it.
"""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final
from urllib.parse import urljoin

from kestrel_cli.errors import ServerError, Unreachable
from kestrel_cli.model.record import record
from kestrel_cli.server.answers import Answer, refusal
from kestrel_cli.server.contexts import Context
from kestrel_cli.version import __version__
from kestrel_cli.web.address import Address, Failure, address_of
from kestrel_cli.web.dialer import Dialer
from kestrel_cli.web.message import Body, Headers, Request, Response

MOST: Final = 64 * 1024 * 1024  # bytes of an answer: an execution with 100,000 task runs has 50
_REDIRECTS: Final = 5
_MOVED: Final = (301, 302, 303, 307, 308)
_TRIES: Final = 5
_LONGEST: Final = 60.0  # seconds that `Retry-After` may ask for
_BUSY: Final = (429, 503)
_BROKEN: Final = (500, 502, 504)

Query = tuple[tuple[str, str], ...]


@record
class Question:
    """One request. `safe` says that it may be sent twice; `path` begins behind the server."""

    method: str
    path: str
    query: Query = ()
    body: Body | None = None
    content_type: str | None = None
    headers: Headers | tuple[()] = ()
    safe: bool = False
    accept: str = "application/json"


class Asking:
    """Asks the server of a context, `tries` times at most. `sleep` and `chance` are for tests."""

    def __init__(
        self,
        context: Context,
        sleep: Callable[[float], None] = time.sleep,
        chance: Callable[[], float] = random.random,
        tries: int = _TRIES,
    ) -> None:
        self.context = context
        self._tries = tries
        self._sleep = sleep
        self._chance = chance

    def once(self) -> "Asking":
        """The same for who asks again himself, and does other things in between."""
        return Asking(self.context, self._sleep, self._chance, tries=1)

    def ask(self, question: Question, most: int = MOST) -> Answer:
        """The answer, whatever its status. Raises Unreachable when there is none."""
        safe = question.safe or question.method == "GET"
        for tried in range(1, self._tries + 1):
            try:
                answer = self._answer(question, most)
            except Failure as failure:
                if not safe or tried == self._tries:
                    raise self._unreachable(failure) from None
                self._sleep(self._next(tried))
            else:
                wait = self._again_in(answer, tried, safe=safe)
                if wait is None:
                    return answer
                self._sleep(wait)
        raise AssertionError("the last try returns or raises")

    def get(self, question: Question, most: int = MOST) -> Answer:
        """The answer when the server says that it went well. Raises ServerError of its kind."""
        answer = self.ask(question, most)
        if not 200 <= answer.status < 300:
            raise refusal(answer, self.context)
        return answer

    @contextmanager
    def streaming(
        self, question: Question, dialer: Dialer | None = None, read: float | None = None
    ) -> Iterator[Response]:
        """An answer that is read while it comes; `dialer.cut()` ends it from another thread, `read`
        is how long it may be silent. Raises Failure, and ServerError for a refusal.
        """
        with self._sent(question, dialer or Dialer(self.context.connect), read) as response:
            if not 200 <= response.status < 300:
                raise refusal(_whole(response, MOST), self.context)
            yield response

    def pause(self, seconds: float) -> None:
        """Wait before the server is asked for something again."""
        self._sleep(seconds)

    def _answer(self, question: Question, most: int) -> Answer:
        with self._sent(question, Dialer(self.context.connect), self.context.read) as response:
            return _whole(response, most)

    @contextmanager
    def _sent(self, question: Question, dialer: Dialer, read: float | None) -> Iterator[Response]:
        # Here and not above: the library takes its time to import, and a context may be wrong.
        from kestrel_cli.web.wire import Line, exchanged

        context = self.context
        line = Line(dialer, read, context.insecure, context.proxy, context.ca)
        address = address_of(f"{context.host}{question.path}", question.query)
        for _ in range(_REDIRECTS + 1):
            request = Request(question.method, address, self._headers(question), question.body)
            with exchanged(line, request) as response:
                where = response.header("location")
                if where is None or response.status not in _MOVED:
                    yield response
                    return
                address = self._moved(question, address, where)
        raise Failure(f"there are more than {_REDIRECTS} redirects")

    def _moved(self, question: Question, address: Address, where: str) -> Address:
        try:
            there = address_of(urljoin(address.uri, where))
        except (ValueError, Failure):
            raise Failure("it leads to an address that is not valid") from None
        if there.origin != address.origin:
            host = there.uri.removesuffix(there.target)
            raise Unreachable(
                f"{self.context.host} leads to another server, {host}: "
                "the login was not sent there",
                f"if that is the Kestra, give its address: `--server {host}`; "
                "a page for logging in that stands before it can't be passed",
            )
        if question.method != "GET":
            raise Unreachable(
                f"{self.context.host} leads to {there.uri}, which only requests that change "
                "nothing may follow",
                "give the address of the server as it is behind the redirect",
            )
        return there

    def _headers(self, question: Question) -> Headers:
        headers = [("Accept", question.accept), ("User-Agent", f"kestrel/{__version__}")]
        if question.content_type is not None:
            headers.append(("Content-Type", question.content_type))
        return [*headers, *question.headers, *self.context.credentials.headers]

    def _again_in(self, answer: Answer, tried: int, *, safe: bool) -> float | None:
        """In how many seconds to ask again; None: this answer stands."""
        asked = _seconds(answer.header("retry-after"))
        refused = answer.status == 429 or (answer.status == 503 and asked is not None)
        may = refused or (safe and answer.status in (*_BUSY, *_BROKEN))
        if not may or tried == self._tries:
            return None
        return self._next(tried) if asked is None else min(asked, _LONGEST)

    def _next(self, tried: int) -> float:
        """Longer each time, and different for each of many that wait for the same server."""
        return float(0.25 * 2**tried * (0.5 + self._chance() / 2))

    def _unreachable(self, failure: Failure) -> ServerError:
        host = self.context.host
        if "certificate is not trusted" in str(failure):
            hint = "name the certificates of its authority: `ca` in the context"
            return Unreachable(f"{host} can't be trusted: {failure}", hint)
        hint = "is the address right, does the server run, is there a proxy in between?"
        return Unreachable(f"{host} can't be reached: {failure}", hint)


def _whole(response: Response, most: int) -> Answer:
    return Answer(response.status, response.headers, response.whole(most), response.request.method)


def _seconds(text: str | None) -> float | None:
    """What `Retry-After` asks for; of a date nothing, for clocks differ."""
    if text is None:
        return None
    text = text.strip()
    return float(text) if text.isascii() and text.isdigit() and len(text) < 9 else 1.0
