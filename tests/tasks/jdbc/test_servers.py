"""The servers of the tests themselves."""

import sys

import pytest

from tests.support.servers import Answered, Server


class NotYet(Exception):
    pass


def asking(times: int):
    """Refuses so often, then answers."""
    left = iter(range(times))

    def ask() -> None:
        if next(left, None) is not None:
            raise NotYet

    return ask


def test_a_server_that_refuses_is_asked_again():
    assert Answered(asking(3), (NotYet,)).before(20)


def test_the_last_refusal_is_told():
    answered = Answered(asking(10**6), (NotYet,))
    assert not answered.before(0.1)
    assert answered.why == "the last answer in 0.1 seconds: NotYet()"


def test_one_that_has_ended_is_not_waited_for(tmp_path):
    def ask(_: int) -> None:
        raise NotYet

    words = r"(?s)the server did not start: it has ended.*no room"
    server = Server(tmp_path, None)
    with (
        pytest.raises(pytest.fail.Exception, match=words),
        server.running(ask, (NotYet,), sys.executable, "-c", "raise SystemExit('no room')"),
    ):
        pass
