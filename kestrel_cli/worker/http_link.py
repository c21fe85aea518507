"""Bounds for the function `http`: a whole answer in a given time, in memory, or none."""

from collections.abc import Callable
from threading import Event, Thread
from typing import Final, NamedTuple, TypeVar

from kestrel_cli.web.address import Failure
from kestrel_cli.web.client import asked
from kestrel_cli.web.dialer import Dialer
from kestrel_cli.web.exchange import Line, Request

T = TypeVar("T")

MAX_BODY: Final = 10_000_000


class Answer(NamedTuple):
    """A whole answer."""

    status: int
    reason: str
    content_type: str
    body: bytes


def answered(line: Line, request: Request, redirects: int) -> Answer:
    """Send a request and read the answer. Raises Failure."""
    with asked(line, request, redirects=redirects) as response:
        said = response.header("content-type") or ""
        return Answer(response.status, response.reason, said, response.whole(MAX_BODY))


def bounded(work: Callable[[], T], seconds: float, dialer: Dialer) -> T:
    """The result of `work`, done in a thread of its own.

    Raises Failure after `seconds`, and cuts what is still going on then.
    """
    done = Event()
    results: list[T] = []
    errors: list[BaseException] = []

    def body() -> None:
        try:
            results.append(work())
        except BaseException as error:  # noqa: BLE001  raised in the thread that asked
            errors.append(error)
        finally:
            done.set()

    Thread(target=body, name="kestrel-http", daemon=True).start()
    try:
        if not done.wait(seconds):
            raise Failure(f"there is no whole answer after {seconds:g} s")
    finally:
        dialer.cut()
    if errors:
        raise errors[0]
    return results[0]
