"""Servers for the tests of this folder; they start when a test first asks for one."""

import threading
from collections.abc import Iterator

import pytest

from tests.support.servers import mariadb_server, postgres_server
from tests.support.waiting import wait_until

__all__ = ["mariadb_server", "postgres_server"]


@pytest.fixture(autouse=True)
def nothing_goes_on() -> Iterator[None]:
    """No test leaves a call into a database behind, which the end of the process would wait for."""
    yield
    wait_until(
        lambda: not {"database", "interrupt"} & {one.name for one in threading.enumerate()},
        "the end of the calls into databases",
    )
