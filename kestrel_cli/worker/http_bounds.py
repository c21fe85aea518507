"""A bound in time for the function `http`: a whole answer, or none."""

from collections.abc import Callable
from threading import Event, Thread
from typing import TypeVar

from kestrel_cli.web.address import Failure
from kestrel_cli.web.dialer import Dialer

T = TypeVar("T")


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
